import { expect, test } from 'vitest';
import { openBench } from './bench.ts';
import { checksum } from './oracle/checksum.ts';

const bench = openBench();
const end = bench.bytes.length;

test('checksum agrees with the oracle at every length from 0 to 9001, flush against the end of memory', () => {
  const data = Uint8Array.from({ length: 9001 }, (_, index) => (index * 197 + (index >> 8)) & 0xff);
  for (let length = 0; length <= data.length; length++) {
    const bytes = data.subarray(0, length);
    bench.bytes.set(bytes, end - length);
    const found = bench.core.checksum(end - length, length);
    if (found !== checksum(bytes)) expect(found, `${length} bytes`).toBe(checksum(bytes));
  }
});

test('checksum agrees with the oracle at every alignment', () => {
  const base = 0x20000;
  bench.bytes.fill(0xa5, base, base + 4096);
  for (let alignment = 0; alignment < 64; alignment++) {
    for (let length = 0; length < 160; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => 255 - ((index * 3) & 0x7f));
      bench.bytes.set(bytes, base + alignment);
      const found = bench.core.checksum(base + alignment, length);
      if (found !== checksum(bytes)) expect(found, `${length} bytes at ${alignment}`).toBe(checksum(bytes));
      bench.bytes.fill(0xa5, base + alignment, base + alignment + length);
    }
  }
});

test('checksum holds the largest sums', () => {
  bench.bytes.fill(0xff, end - 400_000);
  expect(bench.core.checksum(end - 400_000, 400_000)).toBe(0);
  bench.bytes.fill(0x00, end - 400_000);
  expect(bench.core.checksum(end - 400_000, 400_000)).toBe(0xffff);
});

test('checksum agrees with the example of RFC 1071 3', () => {
  const example = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  bench.bytes.set(example, end - 8);
  expect(bench.core.checksum(end - 8, 8)).toBe(0xffff - 0xddf2);
});
