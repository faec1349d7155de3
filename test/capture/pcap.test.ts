import { describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/reader.ts';
import { filler, join, pcapHeader, pcapRecord, u32 } from './support/build.ts';
import { readAll } from './support/readAll.ts';
import { memorySource } from './support/sources.ts';

describe('pcap', () => {
  for (const order of ['little', 'big'] as const) {
    for (const [unit, magic, nanoseconds] of [
      ['microseconds', 0xa1b2c3d4, 123_456_000n],
      ['nanoseconds', 0xa1b23c4d, 123_456n],
    ] as const) {
      it(`is read in ${order}-endian byte order with ${unit}`, async () => {
        const file = join(
          pcapHeader({ order, magic }),
          pcapRecord(filler(61), { order, seconds: 1_700_000_000, fraction: 123_456, original: 1514 }),
          pcapRecord(filler(0), { order, seconds: 0xffff_ffff, fraction: 0 }),
        );
        const { packets, failedAt } = await readAll(file);
        expect(failedAt).toBeUndefined();
        expect(packets).toEqual([
          { interface: 0, timeNs: 1_700_000_000_000_000_000n + nanoseconds, wireLength: 1514, data: filler(61) },
          { interface: 0, timeNs: 4_294_967_295_000_000_000n, wireLength: 0, data: new Uint8Array() },
        ]);
      });
    }
  }

  it('says what its header says', async () => {
    const file = pcapHeader({ linkType: 0x3400_0071, snapLength: 96 });
    const reader = await openCapture(memorySource(file));
    expect(reader.format).toBe('pcap');
    expect(reader.interfaces).toMatchObject([{ name: '', linkType: 113, snapLength: 96 }]);
    expect(reader.next()).toBe(false);
    expect(reader.isEnded).toBe(true);
    expect(reader.failure).toBeUndefined();
  });

  it('carries a fraction of a second or more', async () => {
    const { packets } = await readAll(join(pcapHeader(), pcapRecord(filler(4), { seconds: 10, fraction: 3_500_001 })));
    expect(packets[0]?.timeNs).toBe(13_500_001_000n);
  });

  it('has packets of up to 262,144 bytes, and longer ones when its snapLen says so', async () => {
    const long = pcapRecord(filler(262_144));
    const longer = pcapRecord(filler(262_145));
    expect((await readAll(join(pcapHeader(), long))).packets).toHaveLength(1);
    expect(await readAll(join(pcapHeader(), long, longer))).toMatchObject({ failedAt: 24 + 16 + 262_144 });
    expect((await readAll(join(pcapHeader({ snapLength: 300_000 }), longer))).packets).toHaveLength(1);
  });

  it('does not trust a captured length', async () => {
    for (const captured of [0xffff_ffff, 0x7fff_ffff, 2 ** 24 + 1]) {
      const file = join(
        pcapHeader({ snapLength: 0xffff_ffff }),
        pcapRecord(filler(60)),
        pcapRecord(filler(60), { captured }),
      );
      const { packets, failedAt, message } = await readAll(file);
      expect(packets).toHaveLength(1);
      expect(failedAt).toBe(24 + 76);
      expect(message).toContain(`a packet of ${captured} bytes is longer than 16777216`);
    }
  });

  it('names what it cannot read', async () => {
    const messages: [Uint8Array, RegExp][] = [
      [new Uint8Array(), /byte 0: it is empty$/],
      [filler(3), /byte 0: it ends within its header$/],
      [pcapHeader().subarray(0, 23), /byte 0: it ends within its header$/],
      [pcapHeader({ version: [3, 0] }), /byte 0: it is of version 3\.0/],
      [pcapHeader({ version: [2, 2] }), /byte 0: it is of version 2\.2/],
      [pcapHeader({ magic: 0xa1b2cd34 }), /byte 0: .*Kuznetsov: convert it with editcap/],
      [u32(0xfd2fb528), /byte 0: it is compressed with zstd/],
      [
        new TextEncoder().encode('GET / HTTP/1.1'),
        /byte 0: it is no pcap or pcapng file \(it begins with 0x47455420\)$/,
      ],
      [join(pcapHeader(), filler(15)), /byte 24: it ends within a packet: 15 of at least 16 bytes are there$/],
      [join(pcapHeader(), pcapRecord(filler(9), { captured: 10 })), /byte 24: .* 25 of at least 26 bytes are there$/],
    ];
    for (const [file, message] of messages) expect((await readAll(file)).message).toMatch(message);
  });
});
