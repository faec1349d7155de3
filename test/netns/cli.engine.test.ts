import { expect, it } from 'vitest';

import { MAIN } from '../cli/support/tapline.ts';
import { hasLink } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { type Child, run, start } from './support/process.ts';

const LINE = [process.execPath, MAIN, 'run', '--tun', 'engine0', '--filter', 'examples/responder.mjs', '--verbose'];
const ADDRESS = ['--address', '10.71.0.1/24'];
/** Runs a command, as a child of ours so that it gets our signals, whose calls of io_uring_setup fail. */
const failing = (errno: string, when = ''): string[] => [
  ...['strace', '-D', '-f', '-o', '/dev/null', '-e', 'trace=io_uring_setup'],
  ...['-e', `inject=io_uring_setup:error=${errno}${when}`],
];

/** Sends three pings through the line and ends it; returns what it said. */
async function answers(...command: string[]): Promise<string> {
  const [program = '', ...args] = [...command, ...ADDRESS];
  await using child: Child = start(program, args);
  await child.waitFor(/^ready: /m);
  const { stdout } = await run('ping', ['-n', '-c', '3', '-i', '0.2', '-W', '2', '10.71.0.99']);
  expect(stdout).toContain('3 received');
  const { code, stderr } = await child.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toMatch(/^3 packets forwarded$/m);
  return stderr;
}

describeLive(
  'tapline run, by engine',
  () => {
    it.each([
      ['auto', 'uring'],
      ['uring', 'uring'],
      ['readloop', 'readloop'],
    ])('--engine %s: %s moves the packets', async (choice, engine) => {
      expect(await answers(...LINE, '--engine', choice)).toContain(`engine: ${engine}\n`);
    });

    it('polls busily when it is told to', async () => {
      expect(await answers(...LINE, '--busy-poll', '100')).toContain('engine: uring\n');
    });

    it('takes the read loop where io_uring is forbidden, and says why', async () => {
      const stderr = await answers(...failing('EPERM'), ...LINE);
      expect(stderr).toMatch(/^engine: readloop \(Cannot use io_uring: io_uring_setup failed with EPERM: .*seccomp/m);
    });

    it('takes smaller rings where locked memory is short', async () => {
      expect(await answers(...failing('ENOMEM', ':when=1..4'), ...LINE)).toContain('engine: uring\n');
    });

    it('fails where io_uring was asked for and is forbidden, and leaves no device behind', async () => {
      const { code, stderr } = await run('strace', [...failing('EPERM').slice(1), ...LINE, '--engine', 'uring'], {
        allowFailure: true,
      });
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('kernel.io_uring_disabled') as string,
      });
      expect(hasLink('engine0')).toBe(false);
    });
  },
  { needs: ['strace', 'ping'] },
);
