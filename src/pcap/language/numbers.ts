/**
 * Reads `80`, `0x50` or `0120`.
 *
 * @returns undefined when the text is no number; a number of 2³² or more where it does not fit into 32 bits
 */
export function parseNumber(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return Number(text);
  if (/^0[0-7]*$/.test(text)) return parseInt(text, 8);
  // A leading zero makes it octal, where 8 and 9 are no digits.
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

/** Parts of an IPv4 address: what was written, as one number, and how many bits of it. */
export interface PartialAddress {
  readonly value: number;
  readonly bits: number;
}

/** Reads `10`, `10.1`, `10.1.2` or `10.1.2.3`, each part a number up to 255. */
export function parsePartialAddress(text: string): PartialAddress | undefined {
  const parts = text.split('.');
  if (parts.length > 4 || !parts.every((part) => /^\d+$/.test(part) && Number(part) <= 255)) return undefined;
  return { value: parts.reduce((value, part) => value * 256 + Number(part), 0), bits: 8 * parts.length };
}

/** Reads a MAC address in any of the forms that libpcap knows, or undefined. */
export function parseMac(text: string): Uint8Array | undefined {
  const isQuads = /^[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4}$/i.test(text);
  if (isQuads || /^[\da-f]{12}$/i.test(text)) {
    return Uint8Array.from(text.replaceAll('.', '').match(/../g) ?? [], (byte) => parseInt(byte, 16));
  }
  const [, separator] = /^[\da-f]{1,2}([:.-])/i.exec(text) ?? [];
  if (separator === undefined) return undefined;
  const parts = text.split(separator);
  if (parts.length !== 6 || !parts.every((part) => /^[\da-f]{1,2}$/i.test(part))) return undefined;
  return Uint8Array.from(parts, (part) => parseInt(part, 16));
}

/** Reads an IPv6 address (RFC 4291 2.2) as four 32-bit words, or undefined. */
export function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? wordsOf(head) : undefined;
  if (tail === undefined || head.length + tail.length > 7) return undefined;
  return wordsOf([...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]);
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[\da-f]{1,4}$/i.test(part)) groups.push(parseInt(part, 16));
    else {
      // The last 32 bits may be written as an IPv4 address.
      const address = parsePartialAddress(part);
      if (index < parts.length - 1 || address?.bits !== 32) return undefined;
      groups.push(Math.floor(address.value / 0x10000), address.value % 0x10000);
    }
  }
  return groups;
}

function wordsOf(groups: readonly number[]): number[] {
  return [0, 2, 4, 6].map((i) => (groups[i] ?? 0) * 0x10000 + (groups[i + 1] ?? 0));
}
