import { describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/reader.ts';
import {
  type Order,
  block,
  filler,
  interfaceBlock,
  join,
  option,
  packetBlock,
  section,
  text,
  u16,
  u32,
  u64,
} from './support/build.ts';
import { readAll } from './support/readAll.ts';
import { memorySource } from './support/sources.ts';
import { type ReadPacket } from './support/readAll.ts';

const END = option(0, new Uint8Array());

function obsoletePacket(data: Uint8Array, drops: number, order: Order): Uint8Array {
  const fields = join(u16(0, order), u16(drops, order), u32(0, order), u32(5, order));
  return block(2, join(fields, u32(data.length, order), u32(data.length, order), data), { order });
}

function simplePacket(data: Uint8Array, original: number, order: Order = 'little'): Uint8Array {
  return block(3, join(u32(original, order), data), { order });
}

/** A section with one of everything. */
function fullSection(order: Order): Uint8Array {
  const resolution = (byte: number): Uint8Array => option(9, Uint8Array.of(byte), order);
  return join(
    section(order),
    interfaceBlock({ order, snapLength: 40, options: [option(2, text('eth0'), order)] }),
    block(4, join(u16(1, order), u16(8, order), filler(4), text('host'), u32(0, order)), { order }),
    interfaceBlock({ order, linkType: 101, options: [option(2, text('tun0'), order), resolution(9), END] }),
    block(10, join(u32(0x544c534b, order), u32(3, order), text('key')), { order }),
    packetBlock(filler(60), { order, count: 1_700_000_000_123_456n, original: 1514 }),
    block(0xbad, filler(20), { order }),
    packetBlock(filler(21), { order, interface: 1, count: 1_700_000_000_123_456_789n }),
    block(0x8000_0001, filler(400), { order }),
    obsoletePacket(filler(7), 3, order),
    simplePacket(filler(40), 100, order),
    interfaceBlock({ order, linkType: 276, options: [resolution(0x80 | 10), option(14, u64(-100n, order), order)] }),
    packetBlock(filler(5), { order, interface: 2, count: 1025n }),
  );
}

function fullPackets(first: number): ReadPacket[] {
  return [
    { interface: first, timeNs: 1_700_000_000_123_456_000n, wireLength: 1514, data: filler(60) },
    { interface: first + 1, timeNs: 1_700_000_000_123_456_789n, wireLength: 21, data: filler(21) },
    { interface: first, timeNs: 5000n, wireLength: 7, data: filler(7) },
    { interface: first, timeNs: 0n, wireLength: 100, data: filler(40) },
    { interface: first + 2, timeNs: -98_999_023_438n, wireLength: 5, data: filler(5) },
  ];
}

describe('pcapng', () => {
  it('is read over several sections of either byte order', async () => {
    const file = join(fullSection('little'), fullSection('big'), section('little'), fullSection('big'));
    for (const options of [{}, { chunk: 1, windowBytes: 64 }, { chunk: 50, isSlow: true }]) {
      const { packets, failedAt } = await readAll(file, options);
      expect(failedAt).toBeUndefined();
      expect(packets).toEqual([...fullPackets(0), ...fullPackets(3), ...fullPackets(6)]);
    }
  });

  it('describes its interfaces', async () => {
    const reader = await openCapture(memorySource(join(fullSection('little'), fullSection('big'))));
    expect(reader.format).toBe('pcapng');
    expect(reader.interfaces).toMatchObject([{ name: 'eth0', linkType: 1, snapLength: 40 }]);
    while (await reader.advance());
    expect(reader.interfaces.map(({ name, linkType }) => [name, linkType])).toEqual([
      ['eth0', 1],
      ['tun0', 101],
      ['', 276],
      ['eth0', 1],
      ['tun0', 101],
      ['', 276],
    ]);
  });

  it('may have no packets, or nothing but a section', async () => {
    const reader = await openCapture(memorySource(section()));
    expect(reader.interfaces).toEqual([]);
    expect(reader.isEnded).toBe(true);
    expect(await readAll(join(section(), section('big'), interfaceBlock({ order: 'big' })))).toMatchObject({
      packets: [],
      failedAt: undefined,
    });
  });

  it('tells directions, comments and drops of packets', async () => {
    for (const order of ['little', 'big'] as const) {
      const comment = (value: string): Uint8Array => option(1, text(value), order);
      const packet = (...options: Uint8Array[]): Uint8Array => packetBlock(filler(6), { order, options });
      const reader = await openCapture(
        memorySource(
          join(
            section(order),
            interfaceBlock({ order }),
            packet(option(2, u32(1, order), order), comment('dropped: ttl'), comment('ümlaut\0'), END),
            packet(option(2, u32(0xffff_0002, order), order), option(4, u64(7n, order), order)),
            packet(option(2988, filler(9), order), comment('')),
            packet(),
            obsoletePacket(filler(7), 3, order),
            obsoletePacket(filler(7), 0xffff, order),
          ),
        ),
      );
      const found = [];
      while (reader.next()) found.push([reader.direction, reader.comments(), reader.droppedBefore]);
      expect(found).toEqual([
        ['inbound', ['dropped: ttl', 'ümlaut'], 0],
        ['outbound', [], 7],
        [null, [''], 0],
        [null, [], 0],
        [null, [], 3],
        [null, [], 0],
      ]);
    }
  });

  it('tells what interfaces counted', async () => {
    const statistics = (id: number, ...options: Uint8Array[]): Uint8Array =>
      block(5, join(u32(id), u32(0), u32(0), ...options));
    const file = join(
      section(),
      interfaceBlock(),
      interfaceBlock(),
      statistics(0, option(4, u64(10n)), option(5, u64(1n))),
      statistics(1, option(4, u64(2n ** 40n)), option(7, u64(3n))),
      statistics(0, option(4, u64(20n)), option(5, u64(2n)), END),
    );
    const reader = await openCapture(memorySource(file));
    expect(reader.next()).toBe(false);
    expect(reader.interfaces.map(({ received, dropped }) => [received, dropped])).toEqual([
      [20, 2],
      [2 ** 40, undefined],
    ]);
  });

  it('takes version 1.2 for 1.0', async () => {
    const file = join(section('little', [1, 2]), interfaceBlock(), packetBlock(filler(60)));
    expect((await readAll(file)).packets).toHaveLength(1);
  });

  it('has blocks of up to 16 MiB', async () => {
    const largest = block(0xbad, new Uint8Array(2 ** 24 - 12));
    const file = join(section(), interfaceBlock(), largest, packetBlock(filler(60)));
    const { packets, failedAt } = await readAll(file);
    expect([packets.length, failedAt]).toEqual([1, undefined]);
  });

  it('gives up after so many blocks without a packet when it is told to', async () => {
    const blocks = Array.from({ length: 10 }, () => block(0xbad, filler(4)));
    const reader = await openCapture(
      memorySource(join(section(), interfaceBlock(), ...blocks, packetBlock(filler(8)))),
    );
    expect([reader.next(4), reader.isEnded, reader.next(6), reader.next(4), reader.length]).toEqual([
      false,
      false,
      false,
      true,
      8,
    ]);
  });
});
