import fc from 'fast-check';
import { LINK_ETHERNET, LINK_IP } from '../../assembly/layout.ts';
import type { VirtioFields } from './descriptor.ts';
import {
  type ExtensionShape,
  type IpShape,
  arp,
  echo,
  ethernet,
  extensions,
  filler,
  ipv4,
  ipv6,
  join,
  sctp,
  sealed,
  tcp,
  udp,
} from './packets.ts';

// Generators of packets, for fast-check.

/** A frame and the kind of link it came over. */
export interface Linked {
  link: number;
  frame: Uint8Array;
}

const port = fc.integer({ min: 0, max: 0xffff });
const words = (max: number): fc.Arbitrary<Uint8Array> => fc.integer({ min: 0, max }).map((count) => filler(count * 4));

function addresses(bytes: number): fc.Arbitrary<IpShape> {
  const address = fc.uint8Array({ minLength: bytes, maxLength: bytes });
  return fc.record({ source: address, destination: address });
}

/** A transport segment, its protocol, and whether its checksum is still to be made. */
interface Segment {
  protocol: number;
  bytes: Uint8Array;
}

const payload = fc.uint8Array({ maxLength: 40 });
const segment: fc.Arbitrary<Segment> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(port, port, fc.integer({ min: 0, max: 255 }), words(10), payload)
      .map(([sourcePort, destinationPort, flags, options, data]) => ({
        protocol: 6,
        bytes: tcp({ sourcePort, destinationPort, flags, options }, data),
      })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(port, port, payload).map(([sourcePort, destinationPort, data]) => ({
      protocol: 17,
      bytes: udp({ sourcePort, destinationPort }, data),
    })),
  },
  payload.map((data) => ({ protocol: 1, bytes: echo(8, data) })),
  payload.map((data) => ({ protocol: 58, bytes: echo(128, data) })),
  fc.tuple(port, port, payload).map(([sourcePort, destinationPort, data]) => ({
    protocol: 132,
    bytes: sctp({ sourcePort, destinationPort }, data),
  })),
  fc.tuple(fc.constantFrom(47, 59, 135, 255), payload).map(([protocol, bytes]) => ({ protocol, bytes })),
);

const extension: fc.Arbitrary<ExtensionShape> = fc.oneof(
  fc.record({ protocol: fc.constantFrom(0, 43, 60), units: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ protocol: fc.constant(44), word: fc.constantFrom(0, 1, 8, 9, 0xfff8, 6) }),
  fc.record({ protocol: fc.constant(51), units: fc.integer({ min: 1, max: 6 }) }),
);

/** IPv4 packets whose checksums are right; fragments have the checksum of the piece. */
const packetsIpv4 = fc
  .record({
    ends: addresses(4),
    inner: segment,
    options: words(10),
    fragment: fc.oneof(
      { weight: 4, arbitrary: fc.constant({ fragmentOffset: 0, moreFragments: false }) },
      {
        weight: 1,
        arbitrary: fc.record({ fragmentOffset: fc.constantFrom(0, 1, 0x1fff), moreFragments: fc.boolean() }),
      },
    ),
    authentication: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 6, nil: undefined }),
  })
  .map(({ ends, inner, options, fragment, authentication }) => {
    const chain = authentication === undefined ? [] : [{ protocol: 51, units: authentication }];
    const { nextHeader, bytes } = extensions(chain, inner.protocol, sealed(inner.bytes, inner.protocol, ends));
    return ipv4({ ...ends, ...fragment, options, protocol: nextHeader }, bytes);
  });

const packetsIpv6 = fc
  .record({ ends: addresses(16), inner: segment, chain: fc.array(extension, { maxLength: 10, size: 'small' }) })
  .map(({ ends, inner, chain }) => {
    const { nextHeader, bytes } = extensions(chain, inner.protocol, sealed(inner.bytes, inner.protocol, ends));
    return ipv6({ ...ends, nextHeader }, bytes);
  });

const tags = fc.array(
  fc.record({ type: fc.constantFrom(0x8100, 0x88a8, 0x9100), tci: fc.integer({ min: 0, max: 0xffff }) }),
  { maxLength: 6, size: 'small' },
);

function framed(type: number, packets: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Linked> {
  return fc.tuple(tags, packets, fc.integer({ min: 0, max: 12 })).map(([list, packet, padding]) => ({
    link: LINK_ETHERNET,
    frame: join(ethernet({ type, tags: list }, packet), filler(padding)),
  }));
}

/** Packets as an honest sender makes them, on both kinds of link, with Ethernet padding. */
export const honest: fc.Arbitrary<Linked> = fc.oneof(
  { weight: 3, arbitrary: framed(0x0800, packetsIpv4) },
  { weight: 3, arbitrary: framed(0x86dd, packetsIpv6) },
  { weight: 1, arbitrary: framed(0x0806, fc.record({ bytes: fc.constantFrom(28, 12) }).map(arp)) },
  { weight: 1, arbitrary: framed(0x88cc, payload) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1501 }).chain((length) => framed(length, payload)) },
  { weight: 2, arbitrary: fc.oneof(packetsIpv4, packetsIpv6).map((frame) => ({ link: LINK_IP, frame })) },
);

/** Honest packets, cut and with bits turned over, and plain noise. */
export const hostile: fc.Arbitrary<Linked> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(honest, fc.array(fc.tuple(fc.nat(127), fc.nat(255)), { maxLength: 4 }), fc.option(fc.nat(160)))
      .map(([{ link, frame }, flips, cut]) => {
        for (const [offset, value] of flips) if (offset < frame.length) frame[offset] = value;
        return { link, frame: cut === null ? frame : frame.slice(0, cut) };
      }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ link: fc.constantFrom(LINK_ETHERNET, LINK_IP), frame: fc.uint8Array({ maxLength: 80 }) }),
  },
);

const near = fc.oneof(fc.integer({ min: 0, max: 80 }), fc.constantFrom(0xff00, 0xfffe, 0xffff));

/** Virtio headers: mostly none, some that make sense, some that cannot. */
export const virtioFields: fc.Arbitrary<VirtioFields> = fc.record({
  vnetFlags: fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat(255)),
  gsoType: fc.oneof(fc.constantFrom(0, 1, 3, 4, 5, 0x80, 0x81, 0x84, 0x85), fc.nat(255)),
  hdrLen: near,
  gsoSize: near,
  csumStart: near,
  csumOffset: fc.oneof(fc.constantFrom(2, 6, 16), near),
});
