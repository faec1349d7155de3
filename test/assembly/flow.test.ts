import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LINK_ETHERNET, LINK_IP } from '../../assembly/layout.ts';
import { openBench } from './bench.ts';
import { dissectFrame, flowHashOf } from './descriptor.ts';
import { arp, echo, ethernet, extensions, filler, ipv4, ipv6, tcp, udp } from './packets.ts';

const bench = openBench();

function hash(frame: Uint8Array, link = LINK_IP): number {
  dissectFrame(bench, frame, link);
  return flowHashOf(bench);
}

const port = fc.nat(0xffff);
const address = (bytes: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: bytes, maxLength: bytes });

interface Flow {
  source: Uint8Array;
  destination: Uint8Array;
  sourcePort: number;
  destinationPort: number;
}

const flows = (bytes: number): fc.Arbitrary<Flow> =>
  fc.record({ source: address(bytes), destination: address(bytes), sourcePort: port, destinationPort: port });
const back = ({ source, destination, sourcePort, destinationPort }: Flow): Flow => ({
  source: destination,
  destination: source,
  sourcePort: destinationPort,
  destinationPort: sourcePort,
});

test('the flow hash is the same in both directions', () => {
  fc.assert(
    fc.property(flows(4), flows(16), (four, six) => {
      const over4 = (flow: Flow): number => hash(ipv4({ ...flow, protocol: 6 }, tcp(flow, filler(3))));
      const over6 = (flow: Flow): number => hash(ipv6({ ...flow, nextHeader: 17 }, udp(flow, filler(3))));
      expect(over4(back(four))).toBe(over4(four));
      expect(over6(back(six))).toBe(over6(six));
    }),
  );
});

test('the flow hash does not depend on payload, options or extension headers', () => {
  fc.assert(
    fc.property(flows(16), (flow) => {
      const bare = ipv6({ ...flow, nextHeader: 6 }, tcp(flow, filler(3)));
      const chain = extensions(
        [{ protocol: 0 }, { protocol: 60, units: 2 }],
        6,
        tcp({ ...flow, options: filler(8) }, filler(9)),
      );
      expect(hash(ipv6({ ...flow, nextHeader: chain.nextHeader }, chain.bytes))).toBe(hash(bare));
    }),
  );
});

test('all fragments of a packet have the same flow hash', () => {
  fc.assert(
    fc.property(flows(4), flows(16), (four, six) => {
      const piece4 = (fragmentOffset: number): number =>
        hash(
          ipv4({ ...four, protocol: 17, fragmentOffset, moreFragments: true }, udp({ ...four, length: 90 }, filler(8))),
        );
      expect(piece4(5)).toBe(piece4(0));
      // The first piece shows that UDP lies behind destination options; the later ones do not.
      const first = extensions(
        [{ protocol: 44, word: 1 }, { protocol: 60 }],
        17,
        udp({ ...six, length: 90 }, filler(8)),
      );
      const later = extensions([{ protocol: 44, word: 8 }], 60, filler(16));
      const piece6 = (piece: { bytes: Uint8Array }): number => hash(ipv6({ ...six, nextHeader: 44 }, piece.bytes));
      expect(piece6(later)).toBe(piece6(first));
    }),
  );
});

test('the flow hash of frames without IP is made of MAC addresses and EtherType', () => {
  const request = ethernet({ type: 0x0806 }, arp());
  const reply = Uint8Array.from([...request.slice(6, 12), ...request.slice(0, 6), ...request.slice(12)]);
  expect(hash(reply, LINK_ETHERNET)).toBe(hash(request, LINK_ETHERNET));
  expect(hash(ethernet({ type: 0x88cc }, arp()), LINK_ETHERNET)).not.toBe(hash(request, LINK_ETHERNET));
});

test('the flow hash of a frame that is nothing is 0', () => {
  expect(hash(new Uint8Array())).toBe(0);
  expect(hash(filler(9), LINK_ETHERNET)).toBe(0);
});

/** How many of `hashes` fall into each of 64 buckets, by their low or high bits. */
function fill(hashes: readonly number[], shift: number): number[] {
  const buckets = new Array<number>(64).fill(0);
  for (const value of hashes) {
    const bucket = (value >>> shift) & 63;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  return buckets;
}

const neighbours = Array.from({ length: 64 }, (_, low) => low);
const families: [string, (a: number, b: number) => Uint8Array][] = [
  [
    'neighbouring IPv4 addresses',
    (a, b) =>
      ipv4(
        { source: Uint8Array.of(10, 0, 0, a), destination: Uint8Array.of(10, 0, 1, b), protocol: 1 },
        echo(8, filler(0)),
      ),
  ],
  [
    'neighbouring ports',
    (a, b) => {
      const ends = { source: Uint8Array.of(10, 0, 0, 1), destination: Uint8Array.of(10, 0, 0, 2), protocol: 6 };
      return ipv4(ends, tcp({ sourcePort: 32768 + a, destinationPort: 80 + b }, filler(0)));
    },
  ],
  [
    'neighbouring IPv6 addresses',
    (a, b) => {
      const source = Uint8Array.from([0xfd, ...new Array<number>(14).fill(0), a]);
      const destination = Uint8Array.from([0xfd, 0, 0, 0, 0, 0, 0, 1, ...new Array<number>(7).fill(0), b]);
      return ipv6({ source, destination, nextHeader: 59 }, filler(0));
    },
  ],
];

test.each(families)('the flow hash spreads %s', (_, frame) => {
  const hashes = neighbours.flatMap((a) => neighbours.map((b) => hash(frame(a, b))));
  expect(new Set(hashes).size).toBeGreaterThan(hashes.length - 8);
  for (const shift of [0, 8, 26]) {
    // 64 expected in each bucket, standard deviation 8: six of them either way.
    for (const count of fill(hashes, shift)) expect(Math.abs(count - 64)).toBeLessThan(48);
  }
});
