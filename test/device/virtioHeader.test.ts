import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeVirtioHeader, encodeVirtioHeader, type VirtioHeader } from '../../src/device/virtioHeader.ts';

const header: VirtioHeader = {
  flags: 1,
  gsoType: 0x81,
  hdrLen: 0x0203,
  gsoSize: 0x0405,
  csumStart: 0x0607,
  csumOffset: 0x0809,
  numBuffers: 0x0a0b,
};
const bytes = [1, 0x81, 3, 2, 5, 4, 7, 6, 9, 8, 0x0b, 0x0a];

const u8 = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 65_535 });
const headers = fc.record({
  flags: u8,
  gsoType: u8,
  hdrLen: u16,
  gsoSize: u16,
  csumStart: u16,
  csumOffset: u16,
  numBuffers: u16,
});

describe('encodeVirtioHeader', () => {
  it('writes little-endian fields in the order of struct virtio_net_hdr_v1', () => {
    const buffer = new Uint8Array(14).fill(0xa5);
    encodeVirtioHeader(header, buffer, 1);
    expect([...buffer]).toEqual([0xa5, ...bytes, 0xa5]);
  });

  it('is undone by decodeVirtioHeader, at every offset and in every view', () => {
    fc.assert(
      fc.property(headers, fc.nat(20), fc.nat(20), (value, offset, start) => {
        const buffer = new Uint8Array(new ArrayBuffer(start + offset + 12), start);
        encodeVirtioHeader(value, buffer, offset);
        expect(decodeVirtioHeader(buffer, offset)).toEqual(value);
      }),
    );
  });

  it('refuses a value that does not fit, and leaves the buffer alone', () => {
    const buffer = new Uint8Array(12).fill(0xa5);
    for (const [name, value] of [
      ['flags', 256],
      ['gsoType', -1],
      ['hdrLen', 65_536],
      ['gsoSize', 1.5],
      ['csumStart', NaN],
      ['csumOffset', Infinity],
      ['numBuffers', 2 ** 32],
    ] as const) {
      expect(() => {
        encodeVirtioHeader({ ...header, [name]: value }, buffer);
      }).toThrow(RangeError);
    }
    expect(buffer.every((byte) => byte === 0xa5)).toBe(true);
  });
});

describe('both directions', () => {
  it('refuse every buffer with fewer than 12 bytes after the offset', () => {
    for (let length = 0; length < 12; length++) {
      const text = `needs 12 bytes, ${length} are left`;
      expect(() => decodeVirtioHeader(new Uint8Array(length + 3), 3)).toThrow(text);
      expect(() => {
        encodeVirtioHeader(header, new Uint8Array(length));
      }).toThrow(expect.objectContaining({ code: 'BUFFER_TOO_SMALL' }));
    }
    expect(() => decodeVirtioHeader(new Uint8Array(4), 20)).toThrow('0 are left');
  });

  it('refuse offsets that are no index', () => {
    for (const offset of [-1, 0.5, NaN]) {
      expect(() => decodeVirtioHeader(new Uint8Array(40), offset)).toThrow(RangeError);
    }
  });
});
