import { expect, it } from 'vitest';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { openLineChild } from './support/openLineChild.ts';
import { ping } from './support/traffic.ts';

/** A fault for each of these calls, as strace counts them: so many reads and writes of both devices. */
interface Fault {
  readonly errno: string;
  readonly call: 'read' | 'write';
  readonly when: string;
  readonly faults: number;
  /** What the line says of it. Absent: it tries again, and nothing is lost. */
  readonly reason?: string;
}

const faults: readonly Fault[] = [
  { call: 'write', errno: 'ENOBUFS', when: '3..5', faults: 3, reason: 'txFull' },
  { call: 'write', errno: 'ENOMEM', when: '3..5', faults: 3, reason: 'txFull' },
  { call: 'write', errno: 'EIO', when: '3..5', faults: 3, reason: 'linkDown' },
  { call: 'write', errno: 'EINVAL', when: '4', faults: 1, reason: 'rejected' },
  { call: 'write', errno: 'EPERM', when: '4', faults: 1, reason: 'ioError' },
  { call: 'write', errno: 'EAGAIN', when: '3..9', faults: 7 },
  { call: 'write', errno: 'EINTR', when: '3..9', faults: 7 },
  { call: 'read', errno: 'EAGAIN', when: '3..9', faults: 7 },
  { call: 'read', errno: 'EINTR', when: '3..9', faults: 7 },
  { call: 'read', errno: 'EIO', when: '3..9', faults: 7 },
  { call: 'read', errno: 'ENOMEM', when: '3..9', faults: 7 },
];

describeLive(
  'a line whose system calls fail',
  () => {
    it.each(faults)('goes on after $call failed with $errno', async ({ errno, call, when, faults: count, reason }) => {
      const inject = ['-e', `inject=${call}:error=${errno}:when=${when}`];
      const strace = ['strace', '-f', '-qq', '-P', '/dev/net/tun', '-e', `trace=${call}`, ...inject];
      await using line = await openLineChild({ engine: 'readloop', ipv6: false, wrapper: strace });
      // On a TAP the first two packets of these are ARP.
      await ping(line.left, RIGHT.ipv4, ['-c', '20', '-i', '0.02', '-W', '1']);
      expect(await ping(line.left, RIGHT.ipv4)).toBe(5);
      const summary = await atRest(line);
      expect(line.child.stderr.match(/\(INJECTED\)/g)).toHaveLength(count);
      expectBalance(summary);
      expect(summary.dropped).toBe(0);
      if (reason === undefined) expect(summary.lost).toBe(0);
      else expect(summary.reasons).toEqual({ [reason]: count });
      expect((await line.stop()).held).toBe(0);
    });
  },
  { needs: ['ping', 'strace'] },
);
