import { isIPv4, isIPv6 } from 'node:net';
import { addressWords } from './address.ts';

/** A range of IP addresses, `10.0.0.0/8` or `fd00::/8`, ready to be compared without allocation. */
export interface Prefix {
  readonly version: 4 | 6;
  /** Bits that must be equal: 0 to 32, or 0 to 128. */
  readonly length: number;
  /** The masked network address as 32-bit words in host order, most significant first: 1 word or 4. */
  readonly words: Uint32Array;
  /** Masks for the words. */
  readonly masks: Uint32Array;
  readonly text: string;
}

/**
 * Parses a prefix; an address without a length stands for itself. Bits behind the length are ignored.
 *
 * @throws {TypeError} when it is neither IPv4 nor IPv6
 * @throws {RangeError} when the length does not fit the address
 */
export function prefix(text: string): Prefix {
  const slash = text.lastIndexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const version = isIPv4(address) ? 4 : isIPv6(address) && !address.includes('%') ? 6 : undefined;
  if (version === undefined) {
    throw new TypeError(`Cannot parse prefix '${text}': expected an IPv4 or IPv6 address as in 10.0.0.0/8 or fd00::/8`);
  }
  const bits = version === 4 ? 32 : 128;
  const length = slash < 0 ? bits : parseLength(text, text.slice(slash + 1), bits);
  const masks = Uint32Array.from({ length: bits / 32 }, (_, word) => maskOf(length - word * 32));
  const words = addressWords(address, version).map((word, i) => word & (masks[i] ?? 0));
  return { version, length, words, masks, text };
}

function parseLength(text: string, digits: string, bits: number): number {
  const length = /^\d{1,3}$/.test(digits) ? Number(digits) : -1;
  if (length < 0 || length > bits) {
    throw new RangeError(`Cannot parse prefix '${text}': the length must be 0 to ${bits}`);
  }
  return length;
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : ~(0xffffffff >>> bits);
}
