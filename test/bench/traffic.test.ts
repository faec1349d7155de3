import { describe, expect, it } from 'vitest';

import * as L from '../../assembly/layout.ts';
import { fillArena } from '../../src/bench/micro/filledArena.ts';
import { seededRandom } from '../../src/bench/random.ts';
import { MIXED_KINDS, MIXED_SIZES, type TrafficKind, type TrafficOptions, traffic } from '../../src/bench/traffic.ts';

const kinds = Object.keys(MIXED_KINDS) as TrafficKind[];
const mixed: TrafficOptions = { sizes: MIXED_SIZES, mix: MIXED_KINDS, vlanShare: 0.3, flows: 1000 };

function hex(frames: readonly Uint8Array[]): string[] {
  return frames.map((frame) => Buffer.from(frame).toString('hex'));
}

describe('seededRandom', () => {
  it('follows from the seed alone', () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 100 }, () => random.below(1_000_000));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(0)).not.toEqual(draw(2 ** 32 - 1));
  });

  it('is even, and keeps to weights', () => {
    const random = seededRandom(3);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.below(10)] = (counts[random.below(10)] ?? 0) + 1;
    const drawn = Array.from({ length: 100_000 }, () => random.below(10));
    for (let value = 0; value < 10; value++) {
      const share = drawn.filter((one) => one === value).length / drawn.length;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.005);
    }
    const letters = Array.from({ length: 40_000 }, () =>
      random.weighted([
        ['a', 3],
        ['never', 0],
        ['b', 1],
      ]),
    );
    expect(letters).not.toContain('never');
    expect(Math.abs(letters.filter((one) => one === 'a').length / letters.length - 0.75)).toBeLessThan(0.01);
  });
});

describe('traffic', () => {
  it('is the same for the same options, and another for another seed', () => {
    expect(hex(traffic({ ...mixed, seed: 5 }))).toEqual(hex(traffic({ ...mixed, seed: 5 })));
    expect(hex(traffic({ ...mixed, seed: 5 }))).not.toEqual(hex(traffic({ ...mixed, seed: 6 })));
  });

  it.each(kinds.flatMap((kind) => [42, 60, 61, 74, 1514].map((bytes) => [kind, bytes] as const)))(
    '%s of %d bytes is a valid packet, checksums included',
    (kind, bytes) => {
      const frames = traffic({ mix: kind, sizes: bytes, count: 64, vlanShare: 0.5, seed: bytes });
      const { arena } = fillArena(frames);
      frames.forEach((frame, i) => {
        expect(frame.length).toBeGreaterThanOrEqual(bytes);
        const descriptor = L.DESCRIPTORS_OFFSET + i * L.DESCRIPTOR_BYTES;
        const flags = arena.view.getUint32(descriptor + L.DESCRIPTOR_FLAGS, true);
        expect(flags & flagOf[kind]).toBe(flagOf[kind]);
        expect(flags & (L.PACKET_MALFORMED | L.PACKET_TRUNCATED)).toBe(0);
        expect(arena.core.verifyNetwork(descriptor)).not.toBe(0);
        expect(arena.core.verifyTransport(descriptor)).toBe(kind === 'arp' ? 2 : 1);
      });
    },
  );

  it('has the sizes and kinds that were asked for, and as many flows', () => {
    const frames = traffic({ count: 4000, sizes: { 100: 3, 200: 1 }, mix: { udp4: 1 }, flows: 10 });
    const long = frames.filter((frame) => frame.length === 200).length;
    expect(frames.every((frame) => frame.length === 100 || frame.length === 200)).toBe(true);
    expect(Math.abs(long / 4000 - 0.25)).toBeLessThan(0.03);
    const flows = new Set(frames.map((frame) => Buffer.from(frame.subarray(26, 38)).toString('hex')));
    expect(flows.size).toBe(10);
  });

  it('leaves out the link header, and ARP with it', () => {
    for (const frame of traffic({ ...mixed, link: 'ip', sizes: 46 })) expect([0x45, 0x60]).toContain(frame[0]);
    expect(() => traffic({ link: 'ip', mix: 'arp' })).toThrow(RangeError);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown option', { size: 60 }, /'size': did you mean 'sizes'\?/],
    ['an unknown kind', { mix: 'tcp' }, /no kind of traffic 'tcp': did you mean/],
    ['a seed below 0', { seed: -1 }, /seed must be an integer of 0 to 4294967295: it is -1/],
    ['no frames', { count: 0 }, /count/],
    ['half a frame', { count: 1.5 }, /count/],
    ['too short frames', { sizes: 41 }, /sizes must be an integer of 42 to 65535: it is 41/],
    ['too long frames', { sizes: { 60: 1, 65_536: 1 } }, /sizes/],
    ['no weight at all', { mix: { tcp4: 0 } }, /mix needs weights/],
    ['no kind at all', { mix: {} }, /mix needs weights/],
    ['a weight below 0', { sizes: { 60: -1, 61: 2 } }, /sizes needs weights/],
    ['NaN', { vlanShare: Number.NaN }, /vlanShare must be 0 to 1/],
    ['another link', { link: 'wire' }, /link must be/],
  ])('refuses %s', (_, options, message) => {
    expect(() => traffic(options)).toThrow(message);
  });
});

const flagOf: Readonly<Record<TrafficKind, number>> = {
  tcp4: L.PACKET_TCP | L.PACKET_IPV4,
  tcp6: L.PACKET_TCP | L.PACKET_IPV6,
  udp4: L.PACKET_UDP | L.PACKET_IPV4,
  udp6: L.PACKET_UDP | L.PACKET_IPV6,
  icmp4: L.PACKET_ICMP | L.PACKET_IPV4,
  icmp6: L.PACKET_ICMPV6 | L.PACKET_IPV6,
  arp: L.PACKET_ARP,
};
