import fc from 'fast-check';
import { LINK_ETHERNET, LINK_IP } from '../../../assembly/layout.ts';
import type { SuperShape } from '../oracle/segment.ts';
import { filler } from '../packets.ts';

const words = (max: number): fc.Arbitrary<Uint8Array> => fc.nat(max).map((count) => filler(count * 4));
const address = (bytes: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: bytes, maxLength: bytes });
const tag = fc.record({ type: fc.constantFrom(0x8100, 0x88a8), tci: fc.nat(0xffff) });
/** Values that carry into the next digit when they are counted up. */
const near = (limit: number): fc.Arbitrary<number> =>
  fc.oneof(fc.nat(limit), fc.integer({ min: limit - 300, max: limit }));

const extension = fc.oneof(
  fc.record({ protocol: fc.constantFrom(0, 60), units: fc.nat(3) }),
  fc.record({ protocol: fc.constant(43), units: fc.nat(3), word: fc.constantFrom(0, 0x0400) }),
  fc.record({ protocol: fc.constant(51), units: fc.integer({ min: 1, max: 4 }) }),
);
const routing = { protocol: 43, units: 2, word: 0x0402 };

/** Payloads and segment sizes that make a few segments, many, or one of the largest super-packets there are. */
const sizes = fc.oneof(
  { weight: 10, arbitrary: fc.tuple(fc.integer({ min: 2, max: 3000 }), fc.integer({ min: 1, max: 1500 })) },
  { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 2, max: 700 }), fc.integer({ min: 1, max: 8 })) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 60_000, max: 65_400 }), fc.integer({ min: 500, max: 1500 })) },
);

/** Super-packets as an honest kernel hands them over. */
export const superShapes: fc.Arbitrary<SuperShape> = fc
  .record({
    link: fc.constantFrom(LINK_ETHERNET, LINK_IP),
    tags: fc.array(tag, { maxLength: 4, size: 'small' }),
    version: fc.constantFrom(4 as const, 6 as const),
    protocol: fc.constantFrom(6 as const, 17 as const),
    ends: fc.tuple(address(16), address(16), address(16)),
    isRouted: fc.boolean(),
    ipOptions: words(10),
    chain: fc.array(extension, { maxLength: 3, size: 'small' }),
    identification: near(0xffff),
    sequence: near(0xffffffff),
    flags: fc.nat(255),
    tcpOptions: words(10),
    hasEcn: fc.boolean(),
    sizes,
    seed: fc.nat(255),
    hidesLength: fc.boolean(),
    padding: fc.constantFrom(0, 0, 1, 7),
  })
  .map(({ ends, sizes: [bytes, gsoSize], seed, isRouted, ...shape }) => {
    const [source, destination, lastStop] = ends.map((end) => end.slice(0, shape.version === 4 ? 4 : 16)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const isStopped = isRouted && shape.version === 6;
    return {
      ...shape,
      source,
      destination,
      lastStop: isStopped ? lastStop : undefined,
      chain: shape.version === 6 ? (isStopped ? [routing, ...shape.chain] : shape.chain) : [],
      payload: Uint8Array.from({ length: bytes }, (_, at) => (at * 7 + (at >> 8) + seed) & 0xff),
      // One segment is no super-packet.
      gsoSize: Math.min(gsoSize, bytes - 1),
      // Without a length there is nothing that would tell padding from payload.
      padding: shape.hidesLength ? 0 : shape.padding,
    };
  });
