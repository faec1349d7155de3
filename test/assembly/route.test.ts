import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { type Linked, hostile, honest, virtioFields } from './arbitraries.ts';
import { type Bench, copyOf } from './bench.ts';
import { type Dissected, NO_VIRTIO, type VirtioFields, frameOf, readDissected } from './descriptor.ts';
import {
  type Arriving,
  FRAME_START,
  type OutcomeFields,
  type PortShape,
  SLOTS_PER_PORT,
  TAP,
  admit,
  countedReasons,
  descriptorOf,
  openLine,
  outboundOf,
  readOutcome,
  slotAddress,
  writeOutcome,
} from './line.ts';
import { completeChecksum } from './oracle/complete.ts';
import { type Routed, routeOne } from './oracle/route.ts';
import { filler } from './packets.ts';
import { tcp4, tcp6, tso4, tso6, udp4, udp6, uso4, uso6 } from './superPackets.ts';

const frame = filler(60);
const port = (change: Partial<PortShape> = {}): PortShape => ({ ...TAP, ...change });
const redirect = (outPort: number): Partial<OutcomeFields> => ({ verdict: layout.VERDICT_REDIRECT, outPort });

/** Sends one packet through a line of `ports`. */
function send(ports: PortShape[], arriving: Partial<Arriving> = {}, outcome: Partial<OutcomeFields> = {}): Bench {
  const bench = openLine(ports);
  admit(bench, [{ port: 0, frame, ...arriving }]);
  writeOutcome(bench, 0, outcome);
  expect(bench.core.route(1)).toBe(1);
  return bench;
}

const ways: [string, PortShape[], Partial<OutcomeFields>, number][] = [
  ['on, by its port’s route', [port({ route: 1 }), port()], {}, 1],
  ['on, when accepted', [port({ route: 1 }), port()], { verdict: layout.VERDICT_ACCEPT, outPort: 9 }, 1],
  ['back, when reflected', [port({ route: 1 }), port()], { verdict: layout.VERDICT_REFLECT }, 0],
  [
    'back, when reflected where no route leads',
    [port({ route: layout.NO_PORT })],
    { verdict: layout.VERDICT_REFLECT },
    0,
  ],
  ['where a filter says', [port({ route: 1 }), port(), port()], redirect(2), 2],
];

test.each(ways)('route lets a packet go %s', (_, ports, outcome, number) => {
  const bench = send(ports, {}, outcome);
  expect(outboundOf(bench, 0)).toEqual({ slot: 0, port: number, length: 72, offset: FRAME_START - 12 });
  expect(countedReasons(bench)).toEqual({});
});

const two = (first: Partial<PortShape>, second: Partial<PortShape> = {}): PortShape[] => [port(first), port(second)];
const supers: [string, Uint8Array, VirtioFields, number][] = [
  ['tso4', tcp4, tso4, layout.OFFLOAD_TSO4],
  ['tso6', tcp6, tso6, layout.OFFLOAD_TSO6],
  ['uso4', udp4, uso4, layout.OFFLOAD_USO4],
  ['uso6', udp6, uso6, layout.OFFLOAD_USO6],
  ['tsoEcn', tcp4, { ...tso4, gsoType: 0x81 }, layout.OFFLOAD_TSO_ECN],
];
const refused: [string, PortShape[], Partial<Arriving>, Partial<OutcomeFields>, number][] = [
  ['no route leads', [port({ route: layout.NO_PORT })], {}, {}, layout.REASON_NO_ROUTE],
  [
    'no route leads, accepted',
    [port({ route: layout.NO_PORT })],
    {},
    { verdict: layout.VERDICT_ACCEPT },
    layout.REASON_NO_ROUTE,
  ],
  ['the route’s port is not in use', [port({ route: 5 })], {}, {}, layout.REASON_BAD_PORT],
  ['a filter names a port that is not in use', [port()], {}, redirect(1), layout.REASON_BAD_PORT],
  ['a filter names the copy port', [port()], {}, redirect(layout.COPY_PORT), layout.REASON_BAD_PORT],
  ['a filter names a port behind the table', [port()], {}, redirect(layout.PORT_COUNT), layout.REASON_BAD_PORT],
  ['a filter names no port', [port()], {}, redirect(layout.NO_PORT), layout.REASON_BAD_PORT],
  ['the port is of another link', two({}, { link: layout.LINK_IP }), {}, {}, layout.REASON_WRONG_LINK],
  ['the frame is a runt', two({}), { frame: filler(13) }, {}, layout.REASON_RUNT],
  [
    'the frame is empty',
    two({ link: layout.LINK_IP }, { link: layout.LINK_IP }),
    { frame: filler(0) },
    {},
    layout.REASON_RUNT,
  ],
  [
    'the virtio header points outside',
    two({}),
    { virtio: { ...NO_VIRTIO, vnetFlags: 1, csumStart: 60 } },
    {},
    layout.REASON_BAD_OFFLOAD,
  ],
  [
    'the port has no header for a super-packet',
    two({}, { header: 0 }),
    { frame: tcp4, virtio: tso4 },
    {},
    layout.REASON_NEEDS_SEGMENTATION,
  ],
  [
    'the port does no checksums for a super-packet',
    two({}, { offloads: 0x6e }),
    { frame: tcp4, virtio: tso4 },
    {},
    layout.REASON_NEEDS_SEGMENTATION,
  ],
  [
    'a super-packet has a whole checksum',
    two({}),
    { frame: tcp4, virtio: { ...tso4, vnetFlags: 0 } },
    {},
    layout.REASON_BAD_OFFLOAD,
  ],
  [
    'a super-packet’s checksum starts elsewhere',
    two({}),
    { frame: tcp4, virtio: { ...tso4, csumStart: 38 } },
    {},
    layout.REASON_BAD_OFFLOAD,
  ],
  [
    'a super-packet’s checksum lies elsewhere',
    two({}),
    { frame: tcp4, virtio: { ...tso4, csumOffset: 6 } },
    {},
    layout.REASON_BAD_OFFLOAD,
  ],
];

test.each(refused)('route drops a packet when %s', (_, ports, arriving, outcome, reason) => {
  const bench = send(ports, arriving, outcome);
  expect(outboundOf(bench, 0)).toMatchObject({ slot: 0, port: layout.NO_PORT });
  expect(countedReasons(bench)).toEqual({ [reason]: 1 });
  expect(readOutcome(bench, 0)).toMatchObject({
    verdict: layout.VERDICT_DROP,
    reason: layout.REASON_BUILT_IN | reason,
  });
});

test.each(supers)('route lets no super-packet of %s go where checksums are not taken', (_, packet, virtio) => {
  const bench = send(two({}, { offloads: 0x6f & ~layout.OFFLOAD_CSUM }), { frame: packet, virtio });
  expect(countedReasons(bench)).toEqual({ [layout.REASON_NEEDS_SEGMENTATION]: 1 });
});

test.each(supers)('route lets a super-packet go only where %s is taken', (_, packet, virtio, offload) => {
  const without = send(two({}, { offloads: 0x6f & ~offload }), { frame: packet, virtio });
  expect(countedReasons(without)).toEqual({ [layout.REASON_NEEDS_SEGMENTATION]: 1 });
  const bench = send(two({}), { frame: packet, virtio });
  expect(outboundOf(bench, 0)).toEqual({ slot: 0, port: 1, length: packet.length + 12, offset: FRAME_START - 12 });
  const payload = readDissected(bench, descriptorOf(0)).payload;
  expect(headerOf(bench)).toEqual([
    1,
    virtio.gsoType,
    payload,
    0,
    100,
    0,
    virtio.csumStart,
    0,
    virtio.csumOffset,
    0,
    0,
    0,
  ]);
});

function headerOf(bench: Bench): number[] {
  return [...copyOf(bench, slotAddress(bench, 0) + FRAME_START - 12, 12)];
}

test('route sends one segment with a GSO type as an ordinary packet, even where super-packets are not taken', () => {
  const virtio = { ...tso4, gsoSize: 300 };
  const bench = send(two({}, { offloads: layout.OFFLOAD_CSUM }), { frame: tcp4, virtio });
  expect(outboundOf(bench, 0).port).toBe(1);
  expect(headerOf(bench)).toEqual([1, 0, 52, 0, 0, 0, 34, 0, 16, 0, 0, 0]);
});

test('route says in the descriptor that it has completed a checksum', () => {
  const bench = send(two({}, { header: 0 }), { frame: tcp4, virtio: { ...tso4, gsoType: 0, gsoSize: 0 } });
  expect(readDissected(bench, descriptorOf(0)).flags & layout.PACKET_PARTIAL_CHECKSUM).toBe(0);
  expect(bench.view.getUint8(descriptorOf(0) + layout.DESCRIPTOR_VNET_FLAGS)).toBe(0);
});

test('route forwards nothing of the header that the packet came with', () => {
  const virtio = {
    vnetFlags: 0xfe,
    gsoType: 0,
    hdrLen: 0xffff,
    gsoSize: 0xffff,
    csumStart: 0xffff,
    csumOffset: 0xffff,
  };
  expect(headerOf(send(two({}), { virtio }))).toEqual(Array(12).fill(0));
});

test('route keeps a dropped packet and counts it no second time', () => {
  const bench = send(two({}), { flags: layout.RECORD_FLAG_TRUNCATED });
  expect(outboundOf(bench, 0)).toEqual({ slot: 0, port: layout.NO_PORT, length: 60, offset: FRAME_START });
  expect(countedReasons(bench)).toEqual({ [layout.REASON_TRUNCATED]: 1 });
});

const ports: PortShape[] = [
  port({ route: 2 }),
  port({ route: 3, link: layout.LINK_IP }),
  port({ route: 0, offloads: layout.OFFLOAD_CSUM }),
  port({ route: layout.NO_PORT, link: layout.LINK_IP, header: 0, offloads: 0 }),
  port({ route: 0, header: 0, offloads: 0 }),
  port({ route: 9, header: 12, offloads: 0, link: layout.LINK_IP }),
];
const outcomes = fc.record({
  verdict: fc.constantFrom(0, 0, 1, 2, 3, 4, 4, 4),
  outPort: fc.oneof(fc.nat(ports.length), fc.nat(255)),
});
const superPackets: fc.Arbitrary<[Linked, VirtioFields]> = fc
  .tuple(fc.constantFrom(...supers), fc.constantFrom(100, 299, 300, 301))
  .map(([[, packet, virtio], gsoSize]) => [
    { link: layout.LINK_ETHERNET, frame: packet },
    { ...virtio, gsoSize },
  ]);
const packets = fc.oneof(
  superPackets,
  fc.tuple(fc.oneof(honest, hostile), virtioFields),
  fc.tuple(honest, fc.constant(NO_VIRTIO)),
);

test('route agrees with the oracle on any packets, outcomes and ports', () => {
  const bench = openLine(ports);
  fc.assert(
    fc.property(fc.array(fc.tuple(packets, outcomes, fc.nat(2)), { maxLength: SLOTS_PER_PORT }), (list) => {
      bench.bytes.fill(0, layout.REASONS_OFFSET, layout.INBOUND_OFFSET);
      const arriving = list.map(([[linked, virtio], , choice]) => arrivingBy(linked, virtio, choice));
      expect(admit(bench, arriving)).toBe(list.length);
      const before = list.map((_, index) => frameOf(bench, descriptorOf(index)));
      const found = list.map((_, index) => readDissected(bench, descriptorOf(index)));
      list.forEach(([, outcome], index) => {
        writeOutcome(bench, index, outcome);
      });
      const written = list.map((_, index) => readOutcome(bench, index));
      bench.core.route(list.length);
      const reasons: Record<number, number> = {};
      list.forEach((_, index) => {
        const { port: inPort, virtio: given = NO_VIRTIO } = arriving[index] ?? { port: 0 };
        const virtio = ports[inPort]?.header === 0 ? NO_VIRTIO : given;
        const [one, outcome, bytes] = [found[index], written[index], before[index]];
        if (one === undefined || outcome === undefined || bytes === undefined) throw new Error('unreachable');
        const routed = routeOne(ports, { frame: bytes, found: one, virtio, inPort, outcome });
        if (routed.reason !== undefined) reasons[routed.reason] = (reasons[routed.reason] ?? 0) + 1;
        expectRouted(bench, index, { before: bytes, found: one, virtio }, routed);
      });
      expect(countedReasons(bench)).toEqual(reasons);
    }),
    { numRuns: 1000 },
  );
});

function arrivingBy({ link, frame: bytes }: Linked, virtio: VirtioFields, choice: number): Arriving {
  const numbers = link === layout.LINK_ETHERNET ? [0, 2, 4] : [1, 3, 5];
  return { port: numbers[choice] ?? 0, frame: bytes, virtio };
}

function expectRouted(
  bench: Bench,
  index: number,
  { before, found, virtio }: { before: Uint8Array; found: Dissected; virtio: VirtioFields },
  routed: Routed,
): void {
  const { header, port: target } = routed;
  const slot = bench.view.getUint16(descriptorOf(index) + layout.DESCRIPTOR_SLOT, true);
  const extra = header === undefined ? 0 : 12;
  const wanted = { slot, port: target, length: before.length + extra, offset: FRAME_START - extra };
  expect(outboundOf(bench, index)).toEqual(wanted);
  const start = slotAddress(bench, slot) + FRAME_START;
  if (header !== undefined) expect([...copyOf(bench, start - 12, 12)]).toEqual(header);
  const after = copyOf(bench, start, before.length);
  const completed = Uint8Array.from(before);
  if (routed.completes) completeChecksum(completed, found, virtio);
  expect(after).toEqual(completed);
}
