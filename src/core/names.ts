/** Names of the built-in drop reasons, in the order of REASON_* in `assembly/layout.ts`. */
export const BUILT_IN_REASONS = [
  'unspecified',
  'truncated',
  'noRoute',
  'badPort',
  'wrongLink',
  'noHeadroom',
  'badEdit',
  'needsSegmentation',
  'badOffload',
  'filterError',
  'badVerdict',
  'runt',
  'short',
  'outsideWindow',
  'noSlot',
  'closed',
] as const;

/** Names of why dissection stopped early, in the order of MALFORMED_* in `assembly/layout.ts`. */
export const MALFORMED_NAMES = [
  'none',
  'ethernetShort',
  'vlanShort',
  'vlanLimit',
  'ipVersion',
  'ipv4Short',
  'ipv4HeaderLength',
  'ipv4TotalLength',
  'ipv6Short',
  'ipv6ExtensionShort',
  'ipv6ExtensionLimit',
  'arpShort',
  'tcpShort',
  'tcpDataOffset',
  'udpShort',
  'udpLength',
  'icmpShort',
  'icmpv6Short',
  'sctpShort',
  'vnetHeader',
  'authenticationShort',
] as const;

/** Names of the verdicts, by number. */
export const VERDICT_NAMES = ['continue', 'accept', 'drop', 'reflect', 'redirect'] as const;
