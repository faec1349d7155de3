import { expect, it } from 'vitest';
import type { Summary } from '../../src/index.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { expectBalance } from './support/accounts.ts';
import { RIGHT } from './support/bridge.ts';
import { hasLink } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { flooded } from './support/flooded.ts';
import { links } from './support/ip.ts';
import { type Child, pause, run, start, until } from './support/process.ts';
import { ping } from './support/traffic.ts';

/** Ends take much less; a hang takes for ever. */
const LIMIT_MS = 4000;
const stops = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

describeLive(
  'a line in a process',
  () => {
    it('ends at whatever moment of a flood with a summary that adds up, and takes its devices along', async () => {
      for (let i = 0; i < 12; i++) {
        await using run = await flooded('--json');
        await pause(i * 13);
        const { code, stdout } = await run.line.end(stops[i % 3], LIMIT_MS);
        expect(code).toBe(0);
        const summary = JSON.parse(stdout) as Summary;
        expectBalance(summary);
        expect(summary.held).toBe(0);
        expect(await links(run.left)).toEqual([]);
      }
    });

    it('ends at once at the second signal', async () => {
      await using run = await flooded();
      // Nothing can be heard while it is stopped: both come in the same moment.
      run.line.process.kill('SIGSTOP');
      run.line.process.kill('SIGINT');
      run.line.process.kill('SIGTERM');
      run.line.process.kill('SIGCONT');
      const { code } = await run.line.ended;
      // 0 when the line had ended before the second one was heard.
      expect([0, 143]).toContain(code);
      await until(async () => (await links(run.left)).length === 0, 'the device is gone');
    });

    it('shows its counters as often as it is asked, and goes on', async () => {
      await using run = await flooded('--json');
      for (let i = 0; i < 100; i++) {
        run.line.process.kill('SIGUSR1');
        if (i % 10 === 0) await pause(1);
      }
      expect(await ping(run.left, RIGHT.ipv4)).toBe(5);
      const { code, stdout } = await run.line.end('SIGTERM', LIMIT_MS);
      expect(code).toBe(0);
      expectBalance(JSON.parse(stdout) as Summary);
    });

    it('is taken along by a signal that nobody listens to', async () => {
      await using run = await flooded();
      await run.line.end('SIGALRM', LIMIT_MS);
      await until(async () => (await links(run.left)).length === 0, 'the device is gone');
    });

    it.each([
      ['>&-', 'standard output'],
      ['2>&-', 'standard error'],
      ['<&- >&- 2>&-', 'all three'],
    ])('does without a stream that is closed (%s)', async (closed) => {
      const command = `"$1" "$2" run --tap closed0 --tap closed1 --json ${closed} & echo $!; wait $!; echo "code $?"`;
      await using shell = start('bash', ['-c', command, 'bash', process.execPath, MAIN]);
      const [, pid = ''] = await shell.waitFor(/^(\d+)$/m);
      await until(() => hasLink('closed1'), 'it runs');
      await pause(300);
      process.kill(Number(pid), 'SIGUSR1');
      await pause(50);
      process.kill(Number(pid), 'SIGTERM');
      await shell.waitFor(/^code 0$/m, LIMIT_MS);
      expect(hasLink('closed0')).toBe(false);
    });
  },
  { needs: ['ping'] },
);

/** A program with a line that runs, a read that waits, and an event that is awaited; `rest` comes then. */
const program = (rest: string): string => `
  import { openPipeline, openTap, tap } from 'tapline';
  const line = await openPipeline({ ports: [tap('exit0'), tap('exit1')] });
  line.run();
  const device = await openTap({ name: 'exit2' });
  device.readPacket(new Uint8Array(2048)).catch(() => undefined);
  device.events().next();
  await new Promise((resolve) => setTimeout(resolve, 50));
  ${rest}`;

describeLive('a process that ends with a line in it', () => {
  it.each([
    ['process.exit(3)', 3],
    ['throw new Error("a defect")', 1],
    ['Promise.reject(new Error("a defect"))', 1],
    ['process.kill(process.pid, "SIGKILL")', -1],
    ['process.abort()', -1],
    ['await line.close(); device.close()', 0],
  ])('does end: %s', async (rest, code) => {
    const args = ['--input-type=module', '-e', program(rest)];
    const output = await run(process.execPath, args, { timeoutMs: LIMIT_MS, allowFailure: true });
    expect(output.code, output.stderr).toBe(code);
    await until(() => !['exit0', 'exit1', 'exit2'].some(hasLink), 'the devices are gone');
  });
});

describeLive(
  'garbage collection',
  () => {
    it('takes nothing away that is in use, though nobody refers to it', async () => {
      // 40 packets on a device that only its own loop knows; meanwhile pings through a line that nobody knows.
      const body = `
        import { createSocket } from 'node:dgram';
        import { openPipeline, openTun, tun } from 'tapline';
        (await openPipeline({ ports: [tun('gc0', { addresses: ['10.79.0.1/24'] })], filters: [answer()] })).run();
        void (async () => {
          let seen = 0;
          for await (const packet of await openTun({ addresses: ['10.80.0.1/24'] })) {
            globalThis.gc();
            if (packet[0] >> 4 === 4 && ++seen === 40) return console.log('all');
          }
        })();
        const socket = createSocket('udp4');
        for (let i = 0; i < 40; i++) {
          socket.send('x', 9, '10.80.0.2');
          globalThis.gc();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        socket.close();
        function answer() {
          return {
            name: 'answer',
            filter(packet) {
              if (packet.icmpType !== 8) return packet.drop();
              const to = packet.destinationAddress;
              packet.destinationAddress = packet.sourceAddress;
              packet.sourceAddress = to;
              packet.icmpType = 0;
              return packet.reflect();
            },
          };
        }`;
      await using child: Child = start(process.execPath, ['--expose-gc', '--input-type=module', '-e', body]);
      await child.waitFor(/^all$/m);
      const { stdout } = await run('ping', ['-n', '-c', '5', '-i', '0.2', '-W', '2', '10.79.0.9']);
      expect(stdout).toContain('5 received');
    });
  },
  { needs: ['ping'] },
);
