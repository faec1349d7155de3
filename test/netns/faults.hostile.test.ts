import { expect, it } from 'vitest';
import { type FilterLike, type Packet, openPipeline, tap } from '../../src/index.ts';
import { tcp4, tcp6, udp4, udp6 } from '../assembly/superPackets.ts';
import { atRest, expectBalance, expectKernelAgrees } from './support/accounts.ts';
import { RIGHT, openBridge } from './support/bridge.ts';
import { openPacketSocket, withoutIpv6 } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import type { Namespace } from './support/namespace.ts';
import { ping } from './support/traffic.ts';

/** Looks at every field that a packet has, and writes some of them again. */
const nosy: FilterLike = {
  name: 'nosy',
  counters: ['malformed', 'fragments', 'short'],
  filter(packet, { counters }) {
    const values = fields.map((field) => packet[field]);
    if (values.length !== fields.length) throw new Error('a field is missing');
    if (packet.isMalformed) counters['malformed'] = (counters['malformed'] ?? 0) + 1;
    if (packet.isFragment) counters['fragments'] = (counters['fragments'] ?? 0) + 1;
    if (packet.isIpv4) packet.ttl = packet.ttl | 1;
    for (let at = 0; at < packet.length; at += 97) packet.u8(at);
  },
};

const fields = [
  ...(['sourceMac', 'destinationMac', 'etherType', 'vlanId', 'sourceAddress', 'destinationAddress', 'ttl'] as const),
  ...(['dscp', 'fragmentOffset', 'moreFragments', 'protocol', 'sourcePort', 'destinationPort', 'tcpFlags'] as const),
  ...(['sequence', 'acknowledgement', 'window', 'icmpType', 'icmpCode', 'arpOperation', 'flowHash'] as const),
  ...(['payloadLength', 'payloadOffset', 'gsoSize', 'wireLength'] as const),
] satisfies readonly (keyof Packet)[];

/** Bounded in count, and sent inside of the namespace of the left host only. */
const attacks: readonly string[] = [
  // A SYN flood from everywhere.
  'hping3 -q -c 3000 -i u100 -S -p 80 --rand-source',
  // Tiny fragments; fragments beyond the end of a packet.
  'hping3 -q -c 200 -i u500 -2 -p 9 -d 1400 -f',
  'hping3 -q -c 200 -i u500 -1 -x -g 65528 -d 100',
  // Sources that nobody can have.
  'hping3 -q -c 200 -i u200 -S -p 80 -a 127.0.0.1',
  'hping3 -q -c 200 -i u200 -2 -p 9 -a 255.255.255.255',
  `hping3 -q -c 200 -i u200 -S -p 80 -a ${RIGHT.ipv4}`,
  // All flags at once and wrong checksums; a TCP header that is too short; a protocol that nobody has.
  'hping3 -q -c 200 -i u200 -FSRPAUXY -b -p 80',
  'hping3 -q -c 200 -i u200 -S -O 1 -p 80',
  'hping3 -q -c 200 -i u200 -0 -H 200 -d 40',
];

/** Some of them end with an error, since nobody answers. */
async function sh(host: Namespace, command: string): Promise<void> {
  const [program = '', ...args] = command.split(' ');
  await host.exec(program, [...args, RIGHT.ipv4], { allowFailure: true });
}

for (const kind of ['tap', 'tun'] as const) {
  describeLive(
    `hostile senders on a ${kind} line`,
    () => {
      it('pass as they came, or are dropped with a reason; the line and its neighbours live on', async () => {
        await using bridge = await openBridge({ kind, ipv6: false, filters: [nosy] });
        const { left, right, line } = bridge;
        expect(await ping(left, RIGHT.ipv4)).toBe(5);
        await Promise.all(attacks.map((command) => sh(left, command)));
        expect((await atRest(line)).ports['left']?.read).toBeGreaterThan(4000);
        for (const scan of ['-sS -f', '-sX']) {
          const args = ['-n', '-Pn', '--send-ip', '--max-retries', '0', '--top-ports', '100', ...scan.split(' ')];
          await left.exec('nmap', [...args, RIGHT.ipv4], { allowFailure: true });
        }
        const summary = await atRest(line);
        expectBalance(summary);
        // A bridge is transparent: what the kernel sends is passed on, however it looks.
        expect(summary.reasons).toEqual({});
        expect(summary.filters[0]?.failed).toBe(0);
        expect(summary.filters[0]?.counters['fragments']).toBeGreaterThan(200);
        await expectKernelAgrees(line, { left, right });
        expect(await ping(left, RIGHT.ipv4)).toBe(5);
      });
    },
    { needs: ['ping', 'hping3', 'nmap'] },
  );
}

const FRAMES = 5000;

describeLive('frames of random bytes', () => {
  it('are counted to the last one', async () => {
    const restore = withoutIpv6();
    const line = await openPipeline({
      ports: { left: tap('left', { txQueueLength: FRAMES }), right: tap('right') },
      filters: [nosy],
    });
    restore();
    const running = line.run();
    const left = line.ports.get('left')?.target as { readonly index: number };
    const socket = await openPacketSocket(left.index);
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 8) % below;
    };
    const seeds = [tcp4, tcp6, udp4, udp6];
    for (let i = 0; i < FRAMES; i++) {
      const seed = seeds[i % seeds.length] ?? tcp4;
      const frame = seed.slice(0, 14 + random(seed.length - 14));
      for (let changes = random(8); changes > 0; changes--) frame[12 + random(frame.length - 12)] = random(256);
      socket.send(frame);
    }
    socket.close();
    const summary = await atRest(line);
    expectBalance(summary);
    expect(summary.ports['left']?.read).toBe(FRAMES);
    expect(summary.kernelDropped).toBe(0);
    expect(summary.reasons).toEqual({});
    expect(summary.filters[0]?.failed).toBe(0);
    expect(summary.filters[0]?.counters['malformed']).toBeGreaterThan(FRAMES / 10);
    await line.close();
    await running;
  });
});
