import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { LanesSummary } from '../../src/index.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { expectBalance } from './support/accounts.ts';
import { LEFT, RIGHT, devicePlan, makeHosts } from './support/bridge.ts';
import { hasLink } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { flooded } from './support/flooded.ts';
import { links } from './support/ip.ts';
import { laneFilter, openLanesBridge, sendTo } from './support/lanes.ts';
import { type Child, pause, start, until } from './support/process.ts';
import { ping } from './support/traffic.ts';

const CHILD = fileURLToPath(new URL('support/laneChild.js', import.meta.url));
/** Ends take much less; a hang takes for ever. */
const LIMIT_MS = 6000;
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A process with lanes between two namespaces, and a flood of pings through it. */
async function floodedChild(plan: Readonly<Record<string, unknown>>, flags: readonly string[] = []) {
  const hosts = await makeHosts({ ipv6: false });
  const { left, right } = hosts;
  const devices = {
    left: devicePlan({ ipv6: false }, left, LEFT),
    right: devicePlan({ ipv6: false }, right, RIGHT),
  };
  const whole = { queues: 2, engine: 'auto', watchdogMs: 1000, filter: 'pass', ...devices, ...plan };
  const line = start(process.execPath, [...flags, CHILD, JSON.stringify(whole)]);
  await line.waitFor(/^ready/m);
  const flood = left.spawn('ping', ['-n', '-f', '-c', '1000000', RIGHT.ipv4]);
  return {
    line,
    left,
    tell: (way: string) => line.process.stdin?.write(`${way}\n`),
    async [Symbol.asyncDispose]() {
      await Promise.all([flood, line, hosts].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

async function endOf(line: Child): Promise<{ code: number; signal: NodeJS.Signals | null }> {
  const late = pause(LIMIT_MS).then(() => {
    throw new Error(`It did not end:\n${line.stdout}${line.stderr}`);
  });
  const { code, signal } = await Promise.race([line.ended, late]);
  late.catch(() => undefined);
  return { code, signal };
}

describeLive(
  'a process with lanes',
  () => {
    it('ends at whatever moment of a flood with a summary that adds up, and takes its devices along', async () => {
      for (let i = 0; i < 9; i++) {
        await using run = await flooded('--queues', '2', '--json', ...(i % 2 === 0 ? [] : ['--engine', 'readloop']));
        await pause(i * 17);
        const { code, stdout } = await run.line.end(STOPS[i % 3], LIMIT_MS);
        expect(code).toBe(0);
        const summary = JSON.parse(stdout) as LanesSummary;
        expectBalance(summary);
        expect(summary.held).toBe(0);
        expect(summary.lanes).toHaveLength(2);
        expect(await links(run.left)).toEqual([]);
      }
    });

    it(
      'ends with 0, or 143 before it is heard, at whatever moment of its beginning',
      { timeout: 120_000 },
      async () => {
        for (let i = 0; i < 24; i++) {
          await using child = start(process.execPath, [MAIN, 'run', '--tap', 'sig0', '--tap', 'sig1', '--queues', '2']);
          await pause(i * 25);
          const { code, signal, stderr } = await child.end('SIGTERM', LIMIT_MS);
          expect(['SIGTERM', 'code 0'], stderr).toContain(signal ?? `code ${code}`);
          // The kernel closes what a ring holds in its own time.
          await until(() => !(hasLink('sig0') || hasLink('sig1')), 'the devices are gone');
        }
      },
    );

    it('is taken along by SIGKILL', async () => {
      await using run = await flooded('--queues', '2');
      await run.line.end('SIGKILL', LIMIT_MS);
      await until(async () => (await links(run.left)).length === 0, 'the device is gone');
    });

    it.each(['exit', 'throw', 'reject'])('ends by %s under a flood as it would without lanes', async (way) => {
      for (let i = 0; i < 6; i++) {
        await using run = await floodedChild({ engine: i % 2 === 0 ? 'uring' : 'readloop' });
        await pause(i * 11);
        run.tell(way);
        expect(await endOf(run.line), run.line.stderr).toEqual({ code: way === 'exit' ? 7 : 1, signal: null });
        await until(async () => (await links(run.left)).length === 0, 'the device is gone');
      }
    });

    it('is not taken for dead after it was stopped', async () => {
      await using run = await flooded('--queues', '2', '--json');
      for (let i = 0; i < 2; i++) {
        run.line.process.kill('SIGSTOP');
        await pause(2500);
        run.line.process.kill('SIGCONT');
        await pause(300);
      }
      expect(await ping(run.left, RIGHT.ipv4)).toBe(5);
      const { stdout } = await run.line.end('SIGINT', LIMIT_MS);
      expect((JSON.parse(stdout) as LanesSummary).lanes.map(({ restarts }) => restarts)).toEqual([0, 0]);
    });

    it('goes on when the heap of a worker is full', async () => {
      const plan = { filter: 'mortal', argument: 'memory', watchdogMs: 30_000 };
      await using run = await floodedChild(plan, ['--max-old-space-size=60']);
      await sendTo(run.left, 666);
      await run.line.waitFor(/its worker died \(.*memory/i);
      await pause(500);
      expect(await ping(run.left, RIGHT.ipv4)).toBe(5);
      run.tell('close');
      const [, json = ''] = await run.line.waitFor(/^ended (.*)$/m);
      expectBalance(JSON.parse(json) as LanesSummary);
      expect(await endOf(run.line)).toEqual({ code: 0, signal: null });
    });
  },
  { needs: ['ping'] },
);

describeLive(
  'a port of lanes that is lost',
  () => {
    it.each(['uring', 'readloop'] as const)('ends the line: deleted under traffic, %s', async (engine) => {
      await using bridge = await openLanesBridge({
        queues: 2,
        engine,
        filters: [await laneFilter('pass')],
        ipv6: false,
      });
      const { left, line, ended } = bridge;
      await using flood = left.spawn('ping', ['-n', '-f', '-c', '1000000', RIGHT.ipv4]);
      expect(flood.pid).toBeGreaterThan(0);
      await until(async () => (await line.summary()).read > 500, 'packets move');
      await left.exec('ip', ['link', 'del', 'left']);
      await expect(ended).rejects.toMatchObject({ code: 'PORT_LOST' });
      const summary = await line.summary();
      expectBalance(summary);
      expect(summary.held).toBe(0);
    });

    it('ends the line: closed by its owner', async () => {
      await using bridge = await openLanesBridge({ queues: 2, ipv6: false });
      const target = bridge.line.ports.get('left')?.target;
      if (target === undefined || !('close' in target)) throw new Error('There is no device');
      target.close();
      await expect(bridge.ended).rejects.toMatchObject({ code: 'PORT_LOST' });
      expectBalance(await bridge.line.summary());
    });
  },
  { needs: ['ping'] },
);
