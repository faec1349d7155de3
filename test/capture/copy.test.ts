import { describe, expect, it } from 'vitest';
import { copyBytes } from '../../src/capture/copy.ts';
import { filler } from './support/build.ts';

const POISON = 0xa5;

function memory(bytes: Uint8Array): { bytes: Uint8Array; view: DataView } {
  return { bytes, view: new DataView(bytes.buffer) };
}

describe('copyBytes', () => {
  it('copies every length from every offset, and touches nothing else', () => {
    const from = memory(filler(400));
    const shared = new Uint8Array(new SharedArrayBuffer(400));
    for (const target of [new Uint8Array(400), shared]) {
      const to = memory(target);
      for (let length = 0; length < 130; length++) {
        const [source, start] = [length % 9, 40 + (length % 7)];
        to.bytes.fill(POISON);
        copyBytes(from, source, to, start, length);
        expect(Buffer.compare(to.bytes.slice(start, start + length), from.bytes.slice(source, source + length))).toBe(
          0,
        );
        expect(to.bytes.slice(0, start).every((byte) => byte === POISON)).toBe(true);
        expect(to.bytes.slice(start + length).every((byte) => byte === POISON)).toBe(true);
      }
    }
  });
});
