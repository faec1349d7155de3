import { describe, expect, it } from 'vitest';

import { FrameReader } from '../../src/device/frameReader.ts';
import { type Libc, loadLibc } from '../../src/sys/libc.ts';
import { fakeKernel } from './support/fakeLibc.ts';

/** Reads frames from a list, through real memory: `readv` scatters as the kernel does. */
async function readerOf(frames: (Uint8Array | number)[]): Promise<FrameReader> {
  const real = await loadLibc();
  let errno = 0;
  const next = (): Uint8Array | null => {
    const frame = frames.shift();
    if (frame instanceof Uint8Array) return frame;
    errno = frame ?? 11;
    return null;
  };
  const scatter = (targets: [address: number, bytes: number][], frame: Uint8Array): number => {
    let at = 0;
    for (const [address, bytes] of targets) {
      const part = frame.subarray(at, at + bytes);
      if (part.length > 0) real.memcpy(address, real.addressOf(part), part.length);
      at += part.length;
    }
    return at;
  };
  const libc: Libc = {
    ...fakeKernel().libc,
    addressOf: real.addressOf,
    errno: () => errno,
    read: (_fd, address, bytes) => {
      const frame = next();
      return frame === null ? -1 : scatter([[address, bytes]], frame);
    },
    readv: (_fd, iovec, count) => {
      const frame = next();
      const view = new DataView(new ArrayBuffer(16 * count));
      real.memcpy(real.addressOf(new Uint8Array(view.buffer)), iovec, 16 * count);
      const pair = (index: number): [number, number] => [
        Number(view.getBigUint64(16 * index, true)),
        Number(view.getBigUint64(16 * index + 8, true)),
      ];
      return frame === null
        ? -1
        : scatter(
            Array.from({ length: count }, (_, index) => pair(index)),
            frame,
          );
    },
  };
  return new FrameReader(libc, 5, { name: 'tap7' });
}

const frameOf = (bytes: number, seed = 1) => Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + seed) & 255);

describe.runIf(process.platform === 'linux')('FrameReader.read', () => {
  it('copies a whole frame for every size of buffer that holds it, and writes nothing behind it', async () => {
    for (const [size, capacity] of [
      [60, 60],
      [60, 61],
      [1, 2],
      [1514, 2048],
      [65_559, 65_600],
      [65_559, 70_000],
    ] as const) {
      const frame = frameOf(size);
      const reader = await readerOf([frame]);
      const buffer = new Uint8Array(capacity).fill(0xa5);
      expect(reader.read(buffer)).toBe(size);
      expect(Buffer.compare(buffer.subarray(0, size), frame)).toBe(0);
      expect(buffer.subarray(size).every((byte) => byte === 0xa5)).toBe(true);
      expect(reader.read(buffer)).toBeNull();
    }
  });

  it('keeps a frame that does not fit, at every length of buffer, and all frames in order', async () => {
    for (let capacity = 0; capacity < 20; capacity++) {
      const reader = await readerOf([frameOf(20, 3), frameOf(20, 4)]);
      const short = new Uint8Array(capacity);
      const expected = expect.objectContaining({
        code: 'BUFFER_TOO_SMALL',
        message: `Cannot read from tap7: the frame needs 20 bytes, the buffer has ${capacity}; the frame is kept for the next read`,
      }) as Error;
      expect(() => reader.read(short)).toThrow(expected);
      expect(() => reader.read(short)).toThrow(expected);
      const buffer = new Uint8Array(20);
      expect(reader.read(buffer)).toBe(20);
      expect(buffer).toEqual(frameOf(20, 3));
      expect(reader.read(buffer)).toBe(20);
      expect(buffer).toEqual(frameOf(20, 4));
    }
  });

  it('tries again after a signal, and says what else went wrong', async () => {
    const reader = await readerOf([4, 4, frameOf(9), 77, 22]);
    const buffer = new Uint8Array(100);
    expect(reader.read(buffer)).toBe(9);
    expect(() => reader.read(buffer)).toThrow(
      expect.objectContaining({
        code: 'DEVICE_GONE',
        message: 'Cannot read from tap7: read failed with EBADFD: the device was deleted',
      }),
    );
    expect(() => reader.read(buffer)).toThrow(expect.objectContaining({ code: 'SYSCALL', errno: 22 }));
    expect(reader.read(buffer)).toBeNull();
  });
});
