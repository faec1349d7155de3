import fc from 'fast-check';
import type { PacketInfo } from '../../../src/capture/captureWriter.ts';
import type { CaptureOptions } from '../../../src/capture/writer.ts';

/** A packet to be written. */
export interface PlannedPacket {
  readonly data: Uint8Array;
  readonly info: PacketInfo & { readonly interface: number; readonly timeNs: bigint; readonly wireLength: number };
}

/** A capture to be written. */
export interface PlannedCapture {
  readonly options: CaptureOptions;
  readonly packets: readonly PlannedPacket[];
}

const LINK_TYPES = [1, 101];

const comment = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom('dropped: telnet', 'accept'),
  // Zero bytes at the end are what other programs pad with.
  fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.endsWith('\0')),
);

function packet(interfaces: number): fc.Arbitrary<PlannedPacket> {
  return fc
    .record({
      data: fc.oneof(
        { weight: 9, arbitrary: fc.uint8Array({ maxLength: 200 }) },
        fc.integer({ min: 0, max: 65_600 }).map((length) => new Uint8Array(length).fill(length % 251)),
      ),
      missing: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 70_000 })),
      interface: fc.integer({ min: 0, max: interfaces - 1 }),
      // What pcap can tell as well: until 2106.
      timeNs: fc.bigInt({ min: 0n, max: 4_294_967_295_999_999_999n }),
      direction: fc.constantFrom('inbound' as const, 'outbound' as const, null),
      comment,
    })
    .map(({ data, missing, ...info }) => ({ data, info: { ...info, wireLength: data.length + missing } }));
}

/** Captures of every format, byte order and resolution. */
export const plannedCapture: fc.Arbitrary<PlannedCapture> = fc
  .record({
    format: fc.constantFrom('pcapng' as const, 'pcap' as const),
    byteOrder: fc.constantFrom('little' as const, 'big' as const),
    resolution: fc.constantFrom('nanoseconds' as const, 'microseconds' as const),
    count: fc.integer({ min: 1, max: 3 }),
    linkType: fc.constantFrom(...LINK_TYPES),
  })
  .chain(({ count, linkType, ...options }) =>
    fc.array(packet(count), { maxLength: 20 }).map((packets) => ({
      options: {
        ...options,
        interfaces: Array.from({ length: count }, (_, i) => ({
          name: `port${i}`,
          linkType: options.format === 'pcap' ? linkType : (LINK_TYPES[i % 2] ?? 1),
        })),
      },
      packets,
    })),
  );
