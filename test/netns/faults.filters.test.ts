import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { FilterLike, Packet } from '../../src/index.ts';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT, openBridge } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { ping } from './support/traffic.ts';

const SENT = 4000;

/** Datagrams to the right host, each from a port of its own. */
const flood = (count: number): string => `for ((i = 0; i < ${count}; i++)); do echo x >/dev/udp/${RIGHT.ipv4}/9; done`;

/** Calls itself until the stack is full. */
function overflow(depth: number): number {
  return overflow(depth + 1) + 1;
}

const failures: readonly (readonly [what: string, fail: () => unknown])[] = [
  [
    'throws',
    () => {
      throw new Error('a defect');
    },
  ],
  ['overflows the stack', () => overflow(0)],
  ['reads what is not there', () => (undefined as unknown as { field: number }).field],
  [
    'throws what is no error',
    () => {
      throw null as unknown as Error;
    },
  ],
];

describeLive('filters that fail', () => {
  it.each(failures)('one that %s costs its packets, and nobody else', async (_, fail) => {
    const log: string[] = [];
    let count = 0;
    const faulty: FilterLike = {
      name: 'faulty',
      // Of what comes in on the left, every fourth packet.
      filter(packet) {
        if (packet.inPort === 'left' && packet.isUdp && count++ % 4 === 0) fail();
      },
    };
    const seen: FilterLike = { name: 'seen', counters: ['udp'], filter: countUdp };
    const settings = { kind: 'tun', ipv6: false, filters: [faulty, seen] } as const;
    await using bridge = await openBridge({ ...settings, log: (text) => log.push(text) });
    await using other = await openBridge({ kind: 'tun', ipv6: false });
    const [, answers] = await Promise.all([
      bridge.left.exec('bash', ['-c', flood(SENT)]),
      ping(other.left, RIGHT.ipv4),
    ]);
    expect(answers).toBe(5);
    const summary = await atRest(bridge.line);
    expectBalance(summary);
    expect(summary.ports['left']?.read).toBe(SENT);
    expect(summary.reasons).toEqual({ filterError: SENT / 4 });
    expect(summary.filters.map(({ failed, counters }) => [failed, counters])).toEqual([
      [SENT / 4, {}],
      [0, { udp: (SENT * 3) / 4 }],
    ]);
    // Said at once, and not a thousand times.
    expect(log.length).toBeGreaterThan(0);
    expect(log.length).toBeLessThan(SENT / 40);
  });

  it('a slow one holds up neither timers nor other lines', async () => {
    const slow: FilterLike = {
      name: 'slow',
      filter() {
        const end = performance.now() + 1;
        while (performance.now() < end);
      },
    };
    await using bridge = await openBridge({ kind: 'tun', ipv6: false, filters: [slow] });
    await using other = await openBridge({ kind: 'tun', ipv6: false });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await bridge.left.exec('bash', ['-c', flood(2000)]);
    const before = { ticks, read: bridge.line.summary().read };
    expect(await ping(other.left, RIGHT.ipv4, ['-W', '5'])).toBe(5);
    while (bridge.line.summary().read < 2000) await pause(5);
    clearInterval(timer);
    // A batch is never broken off, but between two of them the event loop has its turn.
    const batches = (2000 - before.read) / 256;
    expect(ticks - before.ticks).toBeGreaterThan(batches / 2);
    expectBalance(await atRest(bridge.line));
  });
});

function countUdp(packet: Packet, { counters }: { counters: Record<string, number> }): void {
  if (packet.inPort === 'left' && packet.isUdp) counters['udp'] = (counters['udp'] ?? 0) + 1;
}
