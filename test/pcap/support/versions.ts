/** Where tapline differs from a version of libpcap on purpose, each with its reason; docs/pcap-filter.md has the same list. */
export interface Difference {
  readonly pattern: RegExp;
  /** Versions of libpcap for which it holds. */
  readonly versions: RegExp;
  readonly reason: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    pattern: /\bip\s+multicast\b/,
    versions: /^1\.10\.[0-5]$/,
    reason: 'libpcap before 1.10.6 takes 240.0.0.0/4 for multicast',
  },
  {
    pattern: /\bbyte\s+\w+\s*[&|]/,
    versions: /^1\.10\./,
    reason: 'libpcap before 1.11 forgets to load the byte',
  },
  { pattern: /\bvxlan\b/, versions: /^1\.10\./, reason: 'vxlan is new in libpcap 1.11' },
  {
    pattern: /\b(inbound|outbound|ifindex)\b/,
    versions: /./,
    reason: 'tapline knows what libpcap knows of live captures only',
  },
];

/** Why an expression is not compared with this version of libpcap; undefined: it is. */
export function differenceOf(expression: string, version: string): string | undefined {
  return DIFFERENCES.find(({ pattern, versions }) => pattern.test(expression) && versions.test(version))?.reason;
}
