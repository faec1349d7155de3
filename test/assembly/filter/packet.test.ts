import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import * as L from '../../../assembly/layout.ts';
import { compile } from '../../../src/author/compile.ts';
import { Packet } from '../../../src/core/packet.ts';
import { prefix } from '../../../src/core/prefix.ts';
import { type Linked, honest, hostile } from '../arbitraries.ts';
import { frameOf } from '../descriptor.ts';
import { FRAME_START, STRIDE, TAP, admit, descriptorOf, openLine, outcomeOf, readOutcome } from '../line.ts';
import { FREE_BYTES, type InPlace, runInPlace } from './support/inPlace.ts';

// What the AssemblyScript view reads and writes, compared with the TypeScript view on the same packets.

const bench = openLine([TAP, { ...TAP, link: L.LINK_IP }], STRIDE, FREE_BYTES);
const view = new Packet({
  arena: { view: bench.view, bytes: bench.bytes, core: bench.core } as never,
  reasonNumber: () => undefined,
  portNumber: () => undefined,
  portName: () => '',
});
const net = prefix('10.0.0.0/8');
let filter: InPlace;

beforeAll(async () => {
  const { wasm } = await compile('test/assembly/filter/probe', 'release');
  filter = runInPlace(bench, wasm, 512);
});

function take({ link, frame }: Linked): void {
  admit(bench, [{ port: link === L.LINK_ETHERNET ? 0 : 1, frame }]);
  view.at(0);
}

interface Call {
  readonly action: number;
  readonly offset?: number;
  readonly value?: number;
  readonly window?: number;
}

function judge({ action, offset = 0, value = 0, window = 2048 }: Call): void {
  const { config } = filter;
  bench.view.setUint32(config, action, true);
  bench.view.setInt32(config + 4, offset, true);
  bench.view.setUint32(config + 8, value, true);
  bench.view.setUint32(config + 12, 4, true);
  bench.bytes.set([10, 0, 0, 0], config + 16);
  bench.bytes.set([255, 0, 0, 0], config + 32);
  filter.judge({ count: 1, window, headroom: 16 });
}

function values(count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => bench.view.getBigUint64(filter.state + 8 * i, true));
}

/** Outcome and frame, slot included, after `act`, from the same beginning. */
function after(packet: Linked, act: () => void): unknown {
  take(packet);
  act();
  const start = bench.view.getUint32(descriptorOf(0) + L.DESCRIPTOR_FRAME, true);
  return {
    outcome: readOutcome(bench, 0),
    bytes: Buffer.from(bench.bytes.slice(start - 32, start + 200)).toString('hex'),
  };
}

const number = (value: number | boolean): bigint => BigInt(value);
const mac = (text: string): bigint => (text === '' ? 0n : BigInt(`0x${text.replaceAll(':', '')}`));

const reads: readonly ((packet: Packet, offset: number) => bigint[])[] = [
  (p) =>
    [
      p.isEthernet, p.isVlan, p.isArp, p.isIpv4, p.isIpv6, p.isTcp, p.isUdp, p.isIcmp, p.isIcmpv6, p.isSctp,
      p.isFragment, p.isTruncated, p.isMalformed, p.isSuper, p.gsoSize, p.etherType, p.vlanCount, p.ipVersion, p.length,
      p.wireLength, p.flags, p.malformed, p.flowHash, p.inPortNumber, p.l3Offset, p.l4Offset, p.payloadOffset,
      p.payloadLength, p.mark,
    ].map(number), // prettier-ignore
  (p) => [p.vlanId, p.vlanPriority].map(number),
  (p) => [p.innerVlanId].map(number),
  (p) => [p.arpOperation].map(number),
  (p) => [p.ttl, p.dscp, p.ecn, p.protocol].map(number),
  (p) => [p.identification, p.fragmentOffset, p.moreFragments, p.sourceIpv4, p.destinationIpv4].map(number),
  (p) => [p.sourcePort, p.destinationPort].map(number),
  (p) => [p.tcpFlags, p.sequence, p.acknowledgement, p.window].map(number),
  (p) => [p.icmpType, p.icmpCode].map(number),
  (p) => [p.sourceIn(net), p.destinationIn(net)].map(number),
  (p, offset) => [p.u8(offset)].map(number),
  (p, offset) => [p.u16(offset)].map(number),
  (p, offset) => [p.u32(offset)].map(number),
  (p) => [mac(p.sourceMac)],
  (p) => [mac(p.destinationMac)],
];

type Write = (packet: Packet, offset: number, value: number) => void;
const writes: readonly Write[] = [
  () => undefined,
  (p, _, v) => (p.ttl = v),
  (p, _, v) => (p.dscp = v),
  (p, _, v) => (p.ecn = v),
  (p, _, v) => (p.sourceIpv4 = v),
  (p, _, v) => (p.destinationIpv4 = v),
  (p, _, v) => (p.sourcePort = v),
  (p, _, v) => (p.destinationPort = v),
  (p, _, v) => (p.tcpFlags = v),
  (p, _, v) => (p.sequence = v),
  (p, _, v) => (p.acknowledgement = v),
  (p, _, v) => (p.window = v),
  (p, _, v) => (p.icmpType = v),
  (p, _, v) => (p.icmpCode = v),
  (p, _, v) => (p.vlanId = v),
  (p, offset, v) => { p.setU8(offset, v); },
  (p, offset, v) => { p.setU16(offset, v); },
  (p, offset, v) => { p.setU32(offset, v); },
  (p, offset) => p.push(offset),
  (p, offset) => p.pop(offset),
]; // prettier-ignore

const packets = fc.oneof(honest, hostile);

describe('the AssemblyScript view', () => {
  test.each(reads.map((read, fields) => [fields, read] as const))(
    'reads group %i as TypeScript does',
    (fields, read) => {
      fc.assert(
        fc.property(packets, fc.integer({ min: -3, max: 120 }), (packet, offset) => {
          take(packet);
          const wanted = read(view, offset);
          const flags = readOutcome(bench, 0).flags;
          take(packet);
          judge({ action: 0, value: fields, offset });
          expect(values(wanted.length)).toEqual(wanted);
          expect(readOutcome(bench, 0).flags).toBe(flags);
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each(writes.map((write, action) => [action, write] as const).slice(1))(
    'writes as TypeScript does: %i',
    (action, write) => {
      fc.assert(
        fc.property(packets, fc.nat(action < 18 ? 120 : 16), fc.nat(0xffffffff), (packet, offset, value) => {
          const wanted = after(packet, () => { write(view, offset, value); }); // prettier-ignore
          const found = after(packet, () => { judge({ action, offset, value }); }); // prettier-ignore
          expect(found).toEqual(wanted);
        }),
        { numRuns: 100 },
      );
    },
  );
});

describe('windows', () => {
  const packet: fc.Arbitrary<Linked> = packets;

  test('nothing behind the window is read, and every read says so', () => {
    fc.assert(
      fc.property(packet, fc.nat(60), fc.nat(100), (linked, window, offset) => {
        take(linked);
        const length = frameOf(bench, descriptorOf(0)).length;
        judge({ action: 0, value: 12, offset, window });
        const flags = readOutcome(bench, 0).flags;
        if (offset + 4 > length) expect(flags).toBe(L.OUTCOME_FLAG_SHORT);
        else expect(flags).toBe(offset + 4 > window ? L.OUTCOME_FLAG_OUTSIDE : 0);
        if (flags !== 0) expect(values(1)).toEqual([0n]);
      }),
    );
  });

  test('no byte behind the window changes, whatever is set, and an edit is whole or not at all', () => {
    const calls = fc.record({ action: fc.integer({ min: 1, max: 23 }), offset: fc.nat(80), value: fc.nat(0xffffffff) });
    fc.assert(
      fc.property(packet, fc.nat(80), calls, (linked, window, call) => {
        take(linked);
        const start = bench.view.getUint32(descriptorOf(0) + L.DESCRIPTOR_FRAME, true);
        const before = bench.bytes.slice(start, start + STRIDE - FRAME_START);
        judge({ ...call, window });
        const now = bench.bytes.slice(start, start + STRIDE - FRAME_START);
        expect(now.slice(window)).toEqual(before.slice(window));
        const { flags } = readOutcome(bench, 0);
        const isChanged = Buffer.compare(before, now) !== 0;
        if (isChanged) expect(flags & L.OUTCOME_FLAG_MODIFIED).toBe(L.OUTCOME_FLAG_MODIFIED);
      }),
      { numRuns: 300 },
    );
  });
});

describe('verdicts', () => {
  const frame = new Uint8Array(60).fill(1);
  const judged = (action: number, value = 0): unknown => {
    take({ link: L.LINK_ETHERNET, frame });
    judge({ action, value });
    return readOutcome(bench, 0);
  };

  test('decide at once, and a returned Continue leaves what was decided', () => {
    expect(judged(24, 3)).toMatchObject({ verdict: L.VERDICT_REDIRECT, outPort: 3, mirrorPort: 3, mark: 3 });
    expect(judged(25)).toMatchObject({ verdict: L.VERDICT_REFLECT });
    expect(judged(26, 2)).toMatchObject({ verdict: L.VERDICT_DROP, reason: 2 });
    expect(judged(27)).toMatchObject({ verdict: L.VERDICT_ACCEPT });
  });

  test('a redirect to nowhere is a trap', () => {
    expect(() => judged(28)).toThrow(WebAssembly.RuntimeError);
    expect(outcomeOf(0)).toBeGreaterThan(0);
  });
});
