import { fold } from './fold.ts';

/**
 * Internet checksum of `bytes` bytes at `address` (RFC 1071), as the value that the header field gets. Up to 512 KiB: a
 * lane of the vector sum holds no more.
 */
export function checksum(address: usize, bytes: i32): i32 {
  return ~sumOf(address, bytes) & 0xffff;
}

/**
 * One's complement sum of the big-endian 16-bit words at `address`, folded to 16 bits; an odd last byte counts as the
 * high half of a word. 0 only if all bytes are 0.
 *
 * RFC 1071 2(B): the sum does not depend on the byte order in which it is made, so the words are added as they are
 * loaded, and the result is turned around.
 */
export function sumOf(address: usize, bytes: i32): u32 {
  const wide = bytes & ~15;
  const sum = sumVectors(address, wide) + sumTail(address + wide, bytes & 15);
  return bswap(<u16>fold(sum));
}

/** 16 bytes at a time, two accumulators of four 32-bit lanes. `bytes` is a multiple of 16. */
function sumVectors(address: usize, bytes: i32): u64 {
  const end = address + bytes;
  let even = i32x4.splat(0);
  let odd = i32x4.splat(0);
  for (; address + 32 <= end; address += 32) {
    even = i32x4.add(even, i32x4.extadd_pairwise_i16x8_u(v128.load(address)));
    odd = i32x4.add(odd, i32x4.extadd_pairwise_i16x8_u(v128.load(address, 16)));
  }
  if (address < end) even = i32x4.add(even, i32x4.extadd_pairwise_i16x8_u(v128.load(address)));
  return sumLanes(even) + sumLanes(odd);
}

function sumLanes(lanes: v128): u64 {
  const pairs = i64x2.add(i64x2.extend_low_i32x4_u(lanes), i64x2.extend_high_i32x4_u(lanes));
  return i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1);
}

/** The last 0 to 15 bytes, by halves, so that not a byte behind them is loaded. */
function sumTail(address: usize, bytes: i32): u64 {
  let sum: u64 = 0;
  if (bytes & 8) {
    sum += load<u32>(address);
    sum += load<u32>(address, 4);
    address += 8;
  }
  if (bytes & 4) {
    sum += load<u32>(address);
    address += 4;
  }
  if (bytes & 2) {
    sum += load<u16>(address);
    address += 2;
  }
  if (bytes & 1) sum += load<u8>(address);
  return sum;
}
