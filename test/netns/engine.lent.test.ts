import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { openTap } from '../../src/device/open.ts';
import { SILENCE_MS } from '../../src/engine/lent/lent.ts';
import { withoutIpv6 } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { type Death, type Lane, flood, holdings, kernelCounts, startLane } from './support/lane.ts';
import { pause, run, until } from './support/process.ts';

type Counts = readonly { readonly read: number; readonly written: number }[];

/** What a worker's filter or timer dies of, as `error` says it. */
const ERRORS: Partial<Record<Death, readonly unknown[]>> = {
  throw: ['lost'],
  memory: [expect.stringContaining('out of memory')],
};
/** So many times the usual number of lives: `LANE_LIVES=5` kills some 550 workers, and takes eight minutes. */
const LIVES = Number(process.env['LANE_LIVES'] ?? 1);
const LEAK_TIMES = 40 * LIVES;
/** Packets that a filter sees: more than wait in the queues of two devices. */
const WOKEN = 2500;
const EXIT_TIMES = 3 * LIVES;
const CHILD = fileURLToPath(new URL('support/lentChild.js', import.meta.url));

let restoreIpv6: () => void = () => undefined;
beforeAll(() => {
  restoreIpv6 = withoutIpv6();
});
afterAll(() => {
  restoreIpv6();
});

/** Buries a lane, and holds what it has counted against what the kernel has, since `before`. */
function expectCounted({ loan, tallies, stages }: Lane, devices: readonly Device[], before: Counts): void {
  const remains = loan.bury();
  let [read, forwarded, lost] = [0, 0, 0];
  devices.forEach(({ name }, port) => {
    const tally = tallies.ports[port];
    const start = before[port];
    if (tally === undefined || start === undefined) throw new RangeError(`No port ${port}`);
    const now = kernelCounts(name);
    const unread = remains.unread(port, tally.read);
    const unconfirmed = remains.unconfirmed(port, tally.forwarded + tally.mirrored);
    expect([tally.read + unread, tally.forwarded + unconfirmed]).toEqual([
      now.read - start.read,
      now.written - start.written,
    ]);
    // No more than its slots can be lost with a lane.
    expect(Math.max(unread, unconfirmed)).toBeLessThanOrEqual(512);
    read += tally.read;
    forwarded += tally.forwarded + unconfirmed;
    lost += tally.lost;
  });
  const dropped = [...stages.reasons().values()].reduce((sum, count) => sum + count, 0);
  const held = read - forwarded - lost - dropped;
  expect(read).toBeGreaterThan(0);
  expect(held).toBeGreaterThanOrEqual(0);
  expect(held).toBeLessThanOrEqual(1024);
}

describe.each(['uring', 'readloop'] as const)('a lane with %s', { timeout: 60_000 * LIVES }, (engine) => {
  let devices: Device[] = [];
  const counts = (): Counts => devices.map(({ name }) => kernelCounts(name));
  const open = async (): Promise<void> => {
    devices = [await openTap({ name: `${engine}0` }), await openTap({ name: `${engine}1` })];
  };
  const close = async (): Promise<void> => {
    for (const device of devices) device.close();
    await until(() => holdings().devices === 0, 'the devices are gone');
  };
  /** One life after the other on the same devices. */
  const lives = async (
    times: number,
    death: Death,
    after: number,
    end: (lane: Lane) => Promise<unknown>,
  ): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const before = counts();
      const lane = await startLane(engine, devices, death, after);
      await end(lane);
      await lane.exited;
      expect(lane.errors.map(({ message }) => message)).toEqual(ERRORS[death] ?? []);
      expectCounted(lane, devices, before);
    }
  };
  const byItself = (lane: Lane): Promise<unknown> => lane.exited;
  const whenItHangs = async (lane: Lane): Promise<void> => {
    await until(() => lane.isDying() || lane.errors.length > 0, 'it hangs');
    lane.loan.silence();
    await lane.worker.terminate();
  };
  const whenItWorks = async (lane: Lane): Promise<void> => {
    await until(() => (lane.tallies.ports[0]?.read ?? 0) > 0 || lane.errors.length > 0, 'it works');
    lane.loan.silence();
    await pause(SILENCE_MS);
    await lane.worker.terminate();
  };

  describeLive('under a flood, with every packet accounted for', () => {
    let stop = (): Promise<void> => Promise.resolve();
    beforeAll(async () => {
      await open();
      stop = await flood(devices);
    });
    afterAll(async () => {
      await stop();
      await close();
    });

    it('ends by process.exit() in a filter', () => lives(5 * LIVES, 'exit', 1000, byItself));
    it('ends so at its first packet', () => lives(3 * LIVES, 'exit', 0, byItself));
    it('ends by an exception', () => lives(5 * LIVES, 'throw', 1000, byItself));
    it('ends by a lack of memory', () => lives(LIVES, 'memory', 1000, byItself));
    it('ends by process.exit() in a timer', () => lives(5 * LIVES, 'timerExit', 100, byItself));
    it('is terminated while its filter hangs', () => lives(8 * LIVES, 'hang', 1000, whenItHangs));
    it('is terminated while it hangs at its first packet', () => lives(3 * LIVES, 'hang', 0, whenItHangs));
    it('is terminated while its timer hangs', () => lives(5 * LIVES, 'timerHang', 100, whenItHangs));
    it('is terminated while it works', () => lives(8 * LIVES, 'never', 0, whenItWorks));
    it('is terminated while it works, without filters', () => lives(8 * LIVES, 'none', 0, whenItWorks));
    it('ends when it is told to', () =>
      lives(2 * LIVES, 'never', 0, async (lane) => {
        await until(() => (lane.tallies.ports[0]?.read ?? 0) > 0, 'it works');
        lane.worker.postMessage('close');
        await lane.exited;
      }));
  });

  describeLive('in a process that ends while it works', () => {
    it.each(['exit', 'throw'] as const)('by %s, ends with it', async (end) => {
      for (let i = 0; i < EXIT_TIMES; i++) {
        const { code, stderr } = await run(process.execPath, [CHILD, engine, end], { allowFailure: true });
        expect({ code, isAborted: stderr.includes('FATAL') }).toEqual({
          code: end === 'exit' ? 0 : 1,
          isAborted: false,
        });
        await until(() => holdings().devices === 0, 'the devices are gone');
      }
    });
  });

  describeLive('under little load, again and again', () => {
    let stop = (): Promise<void> => Promise.resolve();
    beforeAll(async () => {
      await open();
      stop = await flood(devices, 1);
    });
    afterAll(async () => {
      await stop();
      await close();
    });

    // Here the event loop rests before each packet: a turn begins where koffi calls back.
    it('ends by process.exit() in a filter that was woken', () => lives(LIVES, 'exit', WOKEN, byItself));
    it('is terminated while a filter that was woken hangs', () => lives(LIVES, 'hang', WOKEN, whenItHangs));

    it(`leaves nothing: ${LEAK_TIMES} times`, async () => {
      await lives(LEAK_TIMES / 4, 'exit', 0, byItself);
      const before = await holdings().settled();
      await lives((3 * LEAK_TIMES) / 4, 'exit', 0, byItself);
      const after = await holdings().settled();
      expect(after.descriptors).toBe(before.descriptors);
      // koffi 3.3.4 keeps the stack and the heap of a thread that has ended: 3 mappings.
      expect(after.mappings - before.mappings - (3 * 3 * LEAK_TIMES) / 4).toBeLessThan(40);
      expect((after.bytes - before.bytes) / 2 ** 20).toBeLessThan(64);
    });
  });
});
