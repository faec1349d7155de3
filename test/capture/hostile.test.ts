import { describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/reader.ts';
import { block, filler, interfaceBlock, join, option, packetBlock, section, u16, u32, u64 } from './support/build.ts';
import { offsetIn, readAll } from './support/readAll.ts';
import { generatedSource } from './support/sources.ts';

const BODY = filler(32);
const before = join(section(), interfaceBlock({ snapLength: 64 }), packetBlock(filler(60)));
const after = packetBlock(filler(60));

/** What makes a file unreadable, and how the error says so. */
const hostile: readonly (readonly [what: string, bytes: Uint8Array, message: RegExp])[] = [
  ['a block of length 0', block(6, BODY, { length: 0 }), /the block length 0 is less than 12$/],
  ['a block of length 8', block(6, BODY, { length: 8 }), /the block length 8 is less than 12$/],
  ['a block of length 13', block(6, BODY, { length: 13 }), /the block length 13 is not a multiple of 4$/],
  ['a block of length 2³²−1', block(6, BODY, { length: 0xffff_ffff }), /the block length 4294967295 is not a multiple/],
  ['a block of length 2³²−4', block(6, BODY, { length: 0xffff_fffc }), /4294967292 is more than 16 MiB$/],
  ['a block of 16 MiB and 4 bytes', block(0xbad, BODY, { length: 2 ** 24 + 4 }), /16777220 is more than 16 MiB$/],
  [
    'a block that is longer than the file',
    block(0xbad, BODY, { length: 4096 }),
    /it ends within a block: \d+ of at least 4096/,
  ],
  ['a trailer that is another', block(6, BODY, { trailer: 48 }), /the block length 44 is 48 at the end of the block$/],
  ['a trailer in the other byte order', block(6, BODY, { trailer: 0x2c00_0000 }), /the block length 44 is 738197504/],
  [
    'a packet block without room for its fields',
    block(6, filler(16)),
    /a packet block of 28 bytes is shorter than 32$/,
  ],
  ['an obsolete one, too', block(2, filler(12)), /a packet block of 24 bytes is shorter than 32$/],
  ['a simple one, too', block(3, new Uint8Array()), /a simple packet block of 12 bytes is shorter than 16$/],
  [
    'an interface without room for its fields',
    block(1, filler(4)),
    /an interface description of 16 bytes is shorter than 20$/,
  ],
  [
    'statistics without room for their fields',
    block(5, filler(8)),
    /interface statistics of 20 bytes are shorter than 24$/,
  ],
  [
    'a section header without room for its fields',
    block(0x0a0d0d0a, u32(0x1a2b3c4d)),
    /a section header of 16 bytes is shorter/,
  ],
  [
    'a section of another version',
    section('little', [2, 0]),
    /the section is of version 2\.0, and 1\.0 and 1\.2 are read$/,
  ],
  [
    'a section without a byte order',
    block(0x0a0d0d0a, filler(16)),
    /the byte-order magic of a section is neither order$/,
  ],
  [
    'a captured length beyond the block',
    packetBlock(filler(60), { captured: 61 }),
    /a packet of 61 bytes does not fit into a block of 92$/,
  ],
  [
    'a captured length of 2³²−1',
    packetBlock(filler(60), { captured: 0xffff_ffff }),
    /a packet of 4294967295 bytes does not fit/,
  ],
  [
    'a captured length of 2³¹',
    packetBlock(filler(60), { captured: 0x8000_0000 }),
    /a packet of 2147483648 bytes does not fit/,
  ],
  [
    'an interface that is not there',
    packetBlock(filler(60), { interface: 1 }),
    /a packet names interface 1, which has no description/,
  ],
  ['interface 2³²−1', packetBlock(filler(60), { interface: 0xffff_ffff }), /a packet names interface 4294967295/],
  [
    'statistics of an interface that is not there',
    block(5, join(u32(3), u64(0n))),
    /interface 3 has statistics, but no description/,
  ],
  [
    'a simple packet that does not fit',
    block(3, join(u32(100), filler(8))),
    /a packet of 64 bytes does not fit into a block of 24$/,
  ],
  [
    'an option that overruns',
    packetBlock(filler(60), { options: [option(1, filler(4), 'little', 5)] }),
    /an option of a packet ends behind/,
  ],
  [
    'an option of 65,535 bytes',
    packetBlock(filler(6), { options: [option(2988, filler(4), 'little', 65_535)] }),
    /an option of a packet/,
  ],
  [
    'an interface whose option overruns',
    interfaceBlock({ options: [option(2, filler(4), 'little', 9)] }),
    /an option of the interface/,
  ],
  [
    'statistics whose option overruns',
    block(5, join(u32(0), u64(0n), u16(4), u16(8))),
    /an option of the interface statistics/,
  ],
  [
    'a time resolution of no bytes',
    interfaceBlock({ options: [option(9, new Uint8Array())] }),
    /if_tsresol has 0 bytes instead of 1$/,
  ],
  [
    'a time offset of 4 bytes',
    interfaceBlock({ options: [option(14, filler(4))] }),
    /if_tsoffset has 4 bytes instead of 8$/,
  ],
];

describe('a hostile pcapng file', () => {
  for (const [what, bytes, message] of hostile) {
    it(`with ${what} gives what lies before it, then an error`, async () => {
      const file = join(before, bytes, after);
      const found = await readAll(file);
      expect(found.packets.map(({ data }) => data)).toEqual([filler(60)]);
      expect(found.message).toMatch(message);
      expect(found.failedAt).toBe(before.length);
    });
  }

  it('needs an interface before a simple packet block, and one of its own section', async () => {
    const simple = block(3, join(u32(8), filler(8)));
    for (const [start, packets] of [
      [section(), 0],
      [join(before, section('big'), section()), 1],
    ] as const) {
      const found = await readAll(join(start, simple));
      expect(found.packets).toHaveLength(packets);
      expect(found.failedAt).toBe(start.length);
      expect(found.message).toContain('a simple packet block stands before any interface description');
    }
    expect(await readAll(join(before, section(), packetBlock(filler(60))))).toMatchObject({
      failedAt: before.length + 28,
    });
  });

  it('cannot have more than 16,384 interfaces', async () => {
    const one = interfaceBlock({ options: [option(2, filler(60_000))] });
    let made = 0;
    const reader = await openCapture(generatedSource(() => (made++ === 0 ? section() : made < 20_000 ? one : null)));
    expect(() => reader.next()).toThrow(/it describes more than 16384 interfaces$/);
    expect(reader.interfaces).toHaveLength(16_384);
    expect(reader.interfaces.at(-1)?.name.length).toBeLessThanOrEqual(256);
  });

  it('throws once, and has ended then', async () => {
    const reader = await openCapture(generatedSource(pieces(join(before, block(6, BODY, { length: 8 }), after))));
    expect(reader.next()).toBe(true);
    expect(() => reader.next()).toThrow(expect.objectContaining({ code: 'BAD_CAPTURE' }));
    expect(reader.isEnded).toBe(true);
    expect(reader.next()).toBe(false);
    expect(await reader.advance()).toBe(false);
    expect(offsetIn(reader.failure?.message ?? '')).toBe(before.length);
  });

  it('does not grow memory by what it announces', async () => {
    const announced = join(before, block(0xbad, BODY, { length: 2 ** 24 }));
    const reader = await openCapture(generatedSource(pieces(announced)), { windowBytes: 4096 });
    expect(reader.next()).toBe(true);
    expect(() => reader.next()).toThrow(/it ends within a block/);
    expect(reader.bytes.length).toBeLessThanOrEqual(8192);
  });
});

/** A file in one piece. */
function pieces(file: Uint8Array): () => Uint8Array | null {
  const list: (Uint8Array | null)[] = [file];
  return () => list.shift() ?? null;
}
