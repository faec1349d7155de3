import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { type Summary, openTap } from '../../src/index.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { atRest, expectBalance, expectKernelAgrees } from './support/accounts.ts';
import { RIGHT, makeHosts, openBridge } from './support/bridge.ts';
import { openPacketSocket, testFrame, withoutIpv6 } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { link } from './support/ip.ts';
import { start } from './support/process.ts';
import { ping } from './support/traffic.ts';

const QUEUE = 500;
const SENT = 1500;

/** Sends datagrams, one after the other; nobody listens, so each is answered by an ICMP error at most. */
const flood = (count: number): string => `for ((i = 0; i < ${count}; i++)); do echo x >/dev/udp/${RIGHT.ipv4}/9; done`;

describeLive(
  'a queue of the kernel that overflows',
  () => {
    it('is seen on a device: what was not read in time is dropped, the oldest stay', async () => {
      const restore = withoutIpv6();
      using device = await openTap({ txQueueLength: QUEUE });
      restore();
      const socket = await openPacketSocket(device.index);
      for (let i = 0; i < SENT; i++) socket.send(testFrame(60 + (i % 40), i));
      socket.close();
      const buffer = new Uint8Array(2048);
      let read = 0;
      for (let bytes = device.tryRead(buffer); bytes !== null; bytes = device.tryRead(buffer)) {
        expect(buffer.subarray(0, bytes)).toEqual(testFrame(60 + (read % 40), read));
        read++;
      }
      expect(read).toBe(QUEUE);
      expect(device.statistics().tx.dropped).toBe(SENT - QUEUE);
    });

    it('is in the summary of a line, exactly, and said once with the remedy', async () => {
      const log: string[] = [];
      const settings = {
        kind: 'tun',
        ipv6: false,
        txQueueLength: QUEUE,
        log: (text: string) => log.push(text),
      } as const;
      await using bridge = await openBridge(settings);
      const { left, line } = bridge;
      for (let i = 1; i <= 2; i++) {
        // While a command runs to its end, this thread reads nothing.
        execFileSync('nsenter', [`--net=/proc/${left.pid}/ns/net`, 'bash', '-c', flood(SENT)]);
        const summary = await atRest(line);
        const { tx } = (await link(left, 'left')).stats64;
        expect(tx.dropped).toBeGreaterThan(0);
        expect(summary.kernelDropped).toBe(tx.dropped);
        expect(summary.ports['left']?.kernelDropped).toBe(tx.dropped);
        expect(summary.ports['right']?.kernelDropped).toBe(0);
        // They were never in the line: each datagram was either read or dropped by the kernel.
        expect((summary.ports['left']?.read ?? 0) + tx.dropped).toBe(i * SENT);
        expectBalance(summary);
      }
      expect(log).toEqual([expect.stringMatching(/^port left: .*raise its txQueueLength .*dev left txqueuelen/)]);
      await expectKernelAgrees(line, { left, right: bridge.right });
      const last = (await link(left, 'left')).stats64.tx.dropped;
      expect((await bridge.stop()).kernelDropped).toBe(last);
    });

    it('does not happen with the longer queue that was advised', async () => {
      await using bridge = await openBridge({ kind: 'tun', ipv6: false, txQueueLength: QUEUE });
      const { left, line } = bridge;
      await left.exec('ip', ['link', 'set', 'dev', 'left', 'txqueuelen', '10000']);
      execFileSync('nsenter', [`--net=/proc/${left.pid}/ns/net`, 'bash', '-c', flood(SENT)]);
      const summary = await atRest(line);
      expect([summary.kernelDropped, summary.ports['left']?.read]).toEqual([0, SENT]);
    });

    it('is in what `tapline run` says, after a time in which the process was stopped', async () => {
      await using hosts = await makeHosts({ ipv6: false });
      const { left, right } = hosts;
      const ports = ['--tun', 'left', '--tun', 'right'];
      const addresses = ['--address', 'left=10.77.0.1/24', '--address', `right=${RIGHT.ipv4}/24`];
      const namespaces = ['--netns', `left=${left.pid}`, '--netns', `right=${right.pid}`];
      await using cli = start(process.execPath, [MAIN, 'run', ...ports, ...namespaces, ...addresses, '--json']);
      await cli.waitFor(/^ready/m);
      expect(await ping(left, RIGHT.ipv4)).toBe(5);
      cli.process.kill('SIGSTOP');
      await left.exec('bash', ['-c', flood(SENT)]);
      cli.process.kill('SIGCONT');
      expect(await ping(left, RIGHT.ipv4)).toBe(5);
      const { dropped } = (await link(left, 'left')).stats64.tx;
      const { stdout, stderr, code } = await cli.end('SIGTERM');
      expect(code).toBe(0);
      const summary = JSON.parse(stdout) as Summary;
      expectBalance(summary);
      // The kernel empties its ring in portions, so a few less than the queue's length may find room.
      expect(dropped).toBeGreaterThanOrEqual(SENT - QUEUE);
      expect([summary.kernelDropped, summary.ports['left']?.kernelDropped]).toEqual([dropped, dropped]);
      expect(stderr.match(/txqueuelen/g)).toHaveLength(1);
    });
  },
  { needs: ['ping'] },
);
