import { isIPv4, isIPv6 } from 'node:net';

/**
 * The words of an address of the version wanted: one for IPv4, four for IPv6, most significant first.
 *
 * @throws {TypeError} when the text is no such address
 */
export function addressWords(text: string, version: 4 | 6): Uint32Array {
  if (version === 4 && isIPv4(text)) return Uint32Array.of(parseIpv4(text));
  if (version === 6 && isIPv6(text) && !text.includes('%')) return parseIpv6(text);
  throw new TypeError(`Cannot parse '${text}': expected an IPv${version} address`);
}

/**
 * The bytes of an address of the version wanted, as they lie in a header.
 *
 * @throws {TypeError} when the text is no such address
 */
export function addressBytes(text: string, version: 4 | 6): Uint8Array {
  return Uint8Array.from([...addressWords(text, version)].flatMap((word) => [24, 16, 8, 0].map((bit) => word >>> bit)));
}

/** An IPv4 address, known to be one, as a number: `10.0.0.1` is 0x0a000001. */
export function parseIpv4(text: string): number {
  return text.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

/** An IPv6 address, known to be one, as four words, most significant first; `::` and an embedded IPv4 address are understood. */
export function parseIpv6(text: string): Uint32Array {
  const [head = '', tail] = text.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array<number>(8 - before.length - after.length).fill(0);
  const all = [...before, ...zeros, ...after];
  return Uint32Array.from({ length: 4 }, (_, i) => (all[2 * i] ?? 0) * 65_536 + (all[2 * i + 1] ?? 0));
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const value = parseIpv4(group);
    return [value >>> 16, value & 0xffff];
  });
}

export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** The canonical text of RFC 5952: lower case, the longest run of two or more zero groups as `::`. */
export function formatIpv6(words: ArrayLike<number>): string {
  const all = Array.from({ length: 8 }, (_, i) => ((words[i >> 1] ?? 0) >>> (i % 2 === 0 ? 16 : 0)) & 0xffff);
  const { start, length } = longestZeros(all);
  const hex = all.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function longestZeros(groups8: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < groups8.length; i++) {
    let length = 0;
    while (groups8[i + length] === 0) length++;
    if (length > best.length) best = { start: i, length };
  }
  return best;
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/**
 * A MAC address as its six bytes.
 *
 * @throws {TypeError} when it is not six pairs of hexadecimal digits
 */
export function parseMac(text: string): Uint8Array {
  if (!MAC.test(text))
    throw new TypeError(`Cannot parse MAC address '${text}': expected six bytes as in 02:00:00:00:00:01`);
  return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
}

export function formatMac(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
