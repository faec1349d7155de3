import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { atRest, expectBalance, expectKernelAgrees } from './support/accounts.ts';
import { LEFT, RIGHT } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { type LanesBridge, laneFilter, openLanesBridge } from './support/lanes.ts';
import type { Child } from './support/process.ts';
import { pause } from './support/process.ts';
import { hostCount } from './support/traffic.ts';

const SCRIPT = fileURLToPath(new URL('support/numberedFlows.js', import.meta.url));
const FLOWS = 40;
const ROUNDS = 250;
const PORTS = { left: 20_000, right: 30_000 };

interface Flow {
  readonly received: number;
  readonly wentBack: number;
  /** Lanes through which it came. */
  readonly stamps: readonly number[];
}

/** Numbered datagrams on many flows, both ways at once. */
async function exchange({ left, right }: LanesBridge): Promise<readonly [Flow[], Flow[]]> {
  const args = (address: string, own: number, peer: number): string[] =>
    [SCRIPT, address, own, peer, FLOWS, ROUNDS].map(String);
  const ends = [
    left.spawn(process.execPath, args(RIGHT.ipv4, PORTS.left, PORTS.right)),
    right.spawn(process.execPath, args(LEFT.ipv4, PORTS.right, PORTS.left)),
  ] as const;
  for (const end of ends) await end.waitFor(/^listening$/m);
  for (const end of ends) end.process.stdin?.write('go\n');
  return Promise.all([flowsOf(ends[0]), flowsOf(ends[1])]);
}

async function flowsOf(end: Child): Promise<Flow[]> {
  const [, json = '[]'] = await end.waitFor(/^flows (.*)$/m, 45_000);
  return JSON.parse(json) as Flow[];
}

function expectOrder(atLeft: readonly Flow[], atRight: readonly Flow[]): void {
  for (const [i, flow] of [...atLeft, ...atRight].entries()) {
    expect(flow.wentBack, `flow ${i}`).toBe(0);
    expect(flow.stamps, `flow ${i}`).toHaveLength(1);
  }
  // Both directions of a flow pass through the same lane.
  expect(atLeft.map(({ stamps }) => stamps[0])).toEqual(atRight.map(({ stamps }) => stamps[0]));
}

async function received(bridge: LanesBridge, flows: readonly (readonly Flow[])[]): Promise<number> {
  const counts = flows.flat().map((flow) => flow.received);
  const full = await Promise.all([bridge.left, bridge.right].map((host) => hostCount(host, /^Udp:RcvbufErrors$/)));
  return [...counts, ...full].reduce((total, count) => total + count, 0);
}

describeLive('flows through lanes', () => {
  for (const [queues, engine, kind] of [
    [2, 'uring', 'tap'],
    [4, 'uring', 'tun'],
    [2, 'readloop', 'tun'],
    [4, 'readloop', 'tap'],
  ] as const) {
    it(`keep their order and their lane: ${queues} lanes, ${engine}, ${kind}`, async () => {
      const filters = [await laneFilter('stamp'), await laneFilter('pass')];
      await using bridge = await openLanesBridge({ queues, engine, kind, filters, ipv6: false });
      const flows = await exchange(bridge);
      expectOrder(...flows);
      expect(await received(bridge, flows)).toBe(2 * FLOWS * ROUNDS);
      const summary = await atRest(bridge.line);
      expectBalance(summary);
      expect(summary.forwarded).toBe(summary.read);
      expect(summary.kernelDropped).toBe(0);
      expect(summary.filters[0]?.counters).toEqual({ stamped: 2 * FLOWS * ROUNDS });
      // Several lanes had their share.
      const lanes = new Set(flows[0].flatMap(({ stamps }) => stamps));
      expect(lanes.size).toBe(queues);
      await expectKernelAgrees(bridge.line, { left: bridge.left, right: bridge.right });
    });
  }

  it('lose nothing, and their order neither, while filters are exchanged', async () => {
    const filters = [await laneFilter('stamp'), await laneFilter('pass')];
    await using bridge = await openLanesBridge({ queues: 2, filters, ipv6: false });
    const { line } = bridge;
    const over = new AbortController();
    const flowing = exchange(bridge).finally(() => {
      over.abort();
    });
    let swaps = 0;
    for (; !over.signal.aborted; swaps++) {
      expect(await line.filters.replace('pass', await laneFilter('pass'))).toBe('pass');
      await pause(10);
    }
    const flows = await flowing;
    expectOrder(...flows);
    expect(await received(bridge, flows)).toBe(2 * FLOWS * ROUNDS);
    expect(swaps).toBeGreaterThan(50);
    const summary = await atRest(line);
    expectBalance(summary);
    expect(summary.forwarded).toBe(summary.read);
    expect(bridge.messages).toEqual([]);
  });
});
