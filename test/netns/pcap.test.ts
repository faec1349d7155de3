import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Device, type Summary, openPipeline, openTap, openTun, pcapFilter, queue, tap } from '../../src/index.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { sh, withoutIpv6 } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { makeNamespace } from './support/namespace.ts';
import { start } from './support/process.ts';
import { ping } from './support/traffic.ts';

const opened: Device[] = [];
let restoreIpv6: () => void = () => undefined;

beforeAll(() => {
  restoreIpv6 = withoutIpv6();
});
afterAll(() => {
  restoreIpv6();
});

afterEach(() => {
  for (const device of opened.splice(0)) device.close();
});

async function kept(device: Promise<Device>): Promise<Device> {
  opened.push(await device);
  return device;
}

/** Makes the kernel send UDP packets to these ports by way of a device with 10.88.0.1/24. */
function sendTo(...ports: number[]): void {
  const script = `
    const socket = require('node:dgram').createSocket('udp4');
    let left = ${ports.length};
    for (const port of ${JSON.stringify(ports)}) socket.send('x', port, '10.88.0.2', () => --left || socket.close());`;
  spawnSync(process.execPath, ['-e', script], { timeout: 10_000 });
}

function destinationPorts(device: Device): number[] {
  const ports: number[] = [];
  const buffer = new Uint8Array(2000);
  for (let tries = 0; tries < 50; tries++) {
    const bytes = device.tryRead(buffer);
    if (bytes === null) break;
    if (buffer[12] === 8 && buffer[23] === 17) ports.push(((buffer[36] ?? 0) << 8) | (buffer[37] ?? 0));
  }
  return ports;
}

describeLive('kernelFilter', () => {
  it('keeps unwanted packets from being read', async () => {
    const device = await kept(openTap({ name: 'kf0', addresses: ['10.88.0.1/24'], kernelFilter: 'udp dst port 53' }));
    sh('ip', 'neigh', 'add', '10.88.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'kf0');
    sendTo(53, 99, 53, 100);
    expect(destinationPorts(device)).toEqual([53, 53]);
  });

  it('is there before the first packet, also of a port of a line', async () => {
    const out = queue();
    const said: string[] = [];
    const line = await openPipeline({
      log: (message) => said.push(message),
      ports: { lan: tap('kf1', { addresses: ['10.88.0.1/24'], kernelFilter: 'udp dst port 53' }), out },
      filters: [
        pcapFilter('outbound', { name: 'way' }),
        pcapFilter('ifindex 0 or inbound', { name: 'outside', onMatch: 'drop' }),
      ],
    });
    sh('ip', 'neigh', 'add', '10.88.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'kf1');
    const ended = line.run();
    sendTo(53, 99, 53);
    for (let tries = 0; tries < 100 && line.summary().read < 2; tries++)
      await new Promise((done) => setTimeout(done, 10));
    await line.close();
    const summary = await ended;
    expect(summary.read).toBe(2);
    // The one to port 99 is among what the kernel dropped, which is no reason to advise a longer queue.
    expect(summary.kernelDropped).toBeGreaterThanOrEqual(1);
    expect(said.filter((message) => message.includes('txQueueLength'))).toEqual([]);
    expect(summary.filters.map(({ packets, dropped }) => [packets, dropped])).toEqual([
      [2, 0],
      [2, 0],
    ]);
  });

  it('is refused where it cannot be, and leaves nothing', async () => {
    await expect(openTap({ kernelFilter: 'prot 80' })).rejects.toMatchObject({ code: 'BAD_EXPRESSION' });
    await expect(openTap({ kernelFilter: 'protochain 6' })).rejects.toThrow('needs a loop');
    await expect(openTap({ kernelFilter: { program: '1\n7 0 0 0' } })).rejects.toMatchObject({ code: 'BAD_PROGRAM' });
    const many = Array.from({ length: 500 }, (_, i) => `host 10.0.${i >> 8}.${i & 255}`).join(' or ');
    await expect(openTap({ kernelFilter: many })).rejects.toThrow('4096 at most');
    await expect(openTun({ kernelFilter: 'tcp' } as never)).rejects.toThrow('the kernel filters TAP only');
    expect(sh('ip', '-o', 'link')).not.toMatch(/tap\d|tun\d/);
  });

  it('takes what tcpdump compiled', async () => {
    const program = sh('tcpdump', '-y', 'EN10MB', '-ddd', 'udp dst port 53');
    const device = await kept(openTap({ name: 'kf2', addresses: ['10.88.0.1/24'], kernelFilter: { program } }));
    sh('ip', 'neigh', 'add', '10.88.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'kf2');
    sendTo(99, 53);
    expect(destinationPorts(device)).toEqual([53]);
  });
});

describeLive('tapline run with expressions', () => {
  it('forwards what matches, and drops what --drop matches', async () => {
    await using left = await makeNamespace({ ipv6: false });
    await using right = await makeNamespace({ ipv6: false });
    const args = [
      ...['--tap', 'lan0', '--netns', `lan0=${left.pid}`, '--address', 'lan0=10.66.0.1/24'],
      ...['--tap', 'wan0', '--netns', `wan0=${right.pid}`, '--address', 'wan0=10.66.0.2/24'],
      ...['--filter', 'arp or icmp', '--drop', 'icmp[icmptype] = 200', '--json'],
    ];
    await using child = start(process.execPath, [MAIN, 'run', ...args]);
    await child.waitFor(/^ready: /m);
    expect(await ping(left, '10.66.0.2', ['-i', '0.2'])).toBe(5);
    const { code, stdout } = await child.end('SIGTERM');
    const summary = JSON.parse(stdout) as Summary;
    expect(code).toBe(0);
    expect(summary.filters.map(({ name }) => name)).toEqual(['arp or icmp', 'icmp[icmptype] = 200']);
    expect(summary.dropped).toBe(0);
  });
});
