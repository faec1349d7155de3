/** Internet checksum (RFC 1071) over pieces of bytes; all but the last must have an even length. Slow and plain. */
export function internetChecksum(...pieces: readonly Uint8Array[]): number {
  let sum = 0;
  for (const piece of pieces) {
    for (const [i, byte] of piece.entries()) sum += i % 2 === 0 ? byte * 256 : byte;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
