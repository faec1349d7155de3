/** One's complement sum of big-endian words, by the letter of RFC 1071 1: one word at a time, carry added at once. */
export function sum(bytes: Uint8Array, start = 0): number {
  let total = start;
  for (let at = 0; at < bytes.length; at += 2) {
    total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (total > 0xffff) total -= 0xffff;
  }
  return total;
}

/** The value of the header field that makes the whole sum all ones. */
export function checksum(bytes: Uint8Array, start = 0): number {
  return 0xffff - sum(bytes, start);
}

/** RFC 9293 3.1, RFC 8200 8.1: addresses, length as 32 bits, protocol as 32 bits. */
export function pseudoHeader(addresses: Uint8Array, protocol: number, length: number): Uint8Array {
  const tail = new Uint8Array(8);
  const view = new DataView(tail.buffer);
  view.setUint32(0, length);
  view.setUint32(4, protocol);
  return Uint8Array.from([...addresses, ...tail]);
}
