import { expect, it } from 'vitest';
import { wasmFilter } from '../../src/index.ts';
import { count, destinationPort, filterOf } from '../wasm/support/wat.ts';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT, openBridge } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { pause, until } from './support/process.ts';
import { iperf } from './support/traffic.ts';

/** Flows and their seconds: TAPLINE_LONG=1 asks for 20 s. */
const [FLOWS, SECONDS] = process.env['TAPLINE_LONG'] === '1' ? [2, 10] : [1, 3];
const SWAP_MS = 20;
/** 200 bytes of payload: 80 Mbit/s are 50,000 packets/s. */
const UDP = ['--udp', '--bitrate', '80M', '--length', '200', '--time', String(SECONDS)];
/** iperf3's port: nearly every packet. */
const IPERF_PORT = 5201;

const STATE = { version: 1, bytes: 64, fields: [{ name: 'seen', type: 'u64', offset: 0 }] };
const SEEN = `(i64.store (i32.load offset=48 (local.get $call))
  (i64.add (i64.load (i32.load offset=48 (local.get $call))) (i64.const 1)))`;

/** Counts what it sees, in a counter and in its state. */
const version = async (number: number, body = '') =>
  await wasmFilter(
    filterOf(`${count(0)} ${SEEN} ${body}`, {
      version: `${number}.0.0`,
      counters: ['seen'],
      state: STATE,
      onError: 'pass',
    }),
  );

describeLive(
  'compiled filters',
  () => {
    it('are exchanged every 20 ms under 50,000 packets/s without a gap, a swap of order or a double', async () => {
      await using bridge = await openBridge({ ipv6: false, txQueueLength: 10_000 });
      const { left, right, line } = bridge;
      const versions = [await version(1), await version(2)] as const;
      const breaks = `(if (i32.eq ${destinationPort} (i32.const ${IPERF_PORT})) (then unreachable))`;
      const broken = await version(3, breaks);
      line.filters.add(versions[0]);
      let exchanges = 0;
      let refusals = 0;
      const exchange = (): void => {
        line.filters.replace('wat', versions[++exchanges % 2 === 0 ? 0 : 1]);
        if (exchanges % 10 !== 0) return;
        expect(() => line.filters.replace('wat', broken), `${++refusals}`).toThrow('it trapped over');
      };
      for (let flow = 0; flow < FLOWS; flow++) {
        const { read } = line.summary();
        const running = iperf(left, right, RIGHT.ipv4, UDP);
        running.catch(() => undefined);
        await until(() => line.summary().read > read + 5000, 'the flow has begun');
        const end = performance.now() + (SECONDS - 1) * 1000;
        while (performance.now() < end) {
          exchange();
          await pause(SWAP_MS);
        }
        const { sum, streams } = await running;
        expect(streams?.[0]?.udp?.out_of_order).toBe(0);
        expect(sum?.packets).toBeGreaterThan(SECONDS * 10_000);
      }
      const summary = await atRest(line);
      expectBalance(summary);
      expect(exchanges).toBeGreaterThan(FLOWS * SECONDS * 5);
      expect(refusals).toBeGreaterThan(FLOWS);
      expect(summary).toMatchObject({ dropped: 0, lost: 0, forwarded: summary.read });
      expect(summary.filters[0]?.failed).toBe(0);
      // The state went from hand to hand: nothing was judged twice, and nothing by nobody.
      const { seen } = line.filters.state('wat') as { readonly seen: bigint };
      expect(Number(seen)).toBe(summary.read);
    });
  },
  { needs: ['iperf3'] },
);
