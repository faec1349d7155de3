/** Folds a sum of 16-bit words to 16 bits, carries added back in (RFC 1071 1). 0 only if the sum is 0. */
export function fold(sum: u64): u32 {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  let folded = ((<u32>sum) & 0xffff) + ((<u32>sum) >> 16);
  folded = (folded & 0xffff) + (folded >> 16);
  return folded;
}
