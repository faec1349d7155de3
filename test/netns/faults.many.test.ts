import { expect, it } from 'vitest';
import { type Line, openPipeline, tun } from '../../src/index.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT, makeHosts } from './support/bridge.ts';
import { descriptors, deviceDescriptors } from './support/descriptors.ts';
import { describeLive } from './support/devices.ts';
import { links } from './support/ip.ts';
import { openLineChild } from './support/openLineChild.ts';
import { run } from './support/process.ts';
import { ping } from './support/traffic.ts';

const PAIRS = 100;
const DATAGRAMS = 20;
const MEBIBYTE = 2 ** 20;

describeLive('a hundred lines in one process', () => {
  it('each carry what is theirs, within bounded memory, and leave nothing', { timeout: 180_000 }, async () => {
    const before = descriptors().length;
    const rss = process.memoryUsage().rss;
    await using hosts = await makeHosts({ ipv6: false });
    const { left, right } = hosts;
    const lines: Line[] = [];
    try {
      for (let i = 0; i < PAIRS; i++) {
        const port = (name: string, host: number, last: number) =>
          tun(`${name}${i}`, { netns: host, offloads: 'none', addresses: [`10.77.${i}.${last}/24`] });
        lines.push(await openPipeline({ ports: { left: port('l', left.pid, 1), right: port('r', right.pid, 2) } }));
      }
      const ended = lines.map((line) => line.run());
      expect(deviceDescriptors()).toHaveLength(2 * PAIRS);

      await using echo = right.spawn(process.execPath, ['-e', echoServer]);
      await echo.waitFor(/^listening$/m);
      const { stdout } = await left.exec(process.execPath, ['-e', echoClient, `${PAIRS}`, `${DATAGRAMS}`]);
      expect(JSON.parse(stdout)).toEqual(Array<number>(PAIRS).fill(DATAGRAMS));
      for (const line of lines) {
        const summary = await atRest(line);
        expectBalance(summary);
        expect([summary.read, summary.forwarded]).toEqual([2 * DATAGRAMS, 2 * DATAGRAMS]);
      }
      // An arena takes memory only where it is touched.
      expect(process.memoryUsage().rss - rss).toBeLessThan(4 * PAIRS * MEBIBYTE);
      for (const line of lines) await line.close();
      await Promise.all(ended);
    } finally {
      for (const line of lines) await line.close();
    }
    expect(await links(left)).toEqual([]);
    expect(deviceDescriptors()).toEqual([]);
    // The two hosts hold three streams each.
    expect(descriptors().length).toBeLessThanOrEqual(before + 8);
  });
});

const echoServer = `
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (message, from) => socket.send(message, from.port, from.address));
  socket.bind(7, () => console.log('listening'));`;

/** Sends to all lines, by each the next datagram when the last one was answered, and prints how many answers came by each. */
const echoClient = `
  const [pairs, datagrams] = process.argv.slice(1).map(Number);
  const socket = require('node:dgram').createSocket('udp4');
  const answers = Array(pairs).fill(0);
  let missing = pairs * datagrams;
  const send = (i) => socket.send('x', 7, '10.77.' + i + '.2');
  const end = () => { console.log(JSON.stringify(answers)); process.exit(); };
  socket.on('message', (_, from) => {
    const i = from.address.split('.')[2];
    if (++answers[i] < datagrams) send(i);
    if (--missing === 0) end();
  });
  setTimeout(end, 20000);
  for (let i = 0; i < pairs; i++) send(i);`;

describeLive(
  'a line that hardly gets the processor',
  () => {
    it('is slow, and loses nothing', async () => {
      // Four that want all of one core, and the line on the same one.
      const busy = 'for i in 1 2 3 4; do (while kill -0 $$ 2>/dev/null; do :; done) & done; exec "$@"';
      const wrapper = ['taskset', '-c', '0', 'bash', '-c', busy, 'bash'];
      await using line = await openLineChild({ kind: 'tun', ipv6: false, wrapper });
      expect(await ping(line.left, RIGHT.ipv4, ['-c', '20', '-i', '0.05', '-W', '5'])).toBe(20);
      const flood = `for ((i = 0; i < 2000; i++)); do echo x >/dev/udp/${RIGHT.ipv4}/9; done`;
      await line.left.exec('bash', ['-c', flood]);
      const summary = await atRest(line);
      expectBalance(summary);
      expect(summary.ports['left']?.read).toBe(2020);
      expect([summary.dropped, summary.lost, summary.kernelDropped]).toEqual([0, 0, 0]);
      expect((await line.stop()).held).toBe(0);
    });
  },
  { needs: ['ping'] },
);

describeLive('a process that may have few descriptors', () => {
  const shell = (script: string) => run('bash', ['-c', script, 'bash', process.execPath, MAIN], { allowFailure: true });

  it('is told what to do, in one line', async () => {
    const { code, stderr } = await shell('ulimit -n 21; exec "$1" "$2" run --tap few0 --tap few1');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tapline: .*EMFILE.*ulimit -n[^\n]*\n$/);
  });

  it('keeps what it has: lines go on when no further device can be opened', async () => {
    const body = `
      import { openPipeline, openTap, tap } from 'tapline';
      const line = await openPipeline({ ports: [tap('keep0'), tap('keep1')] });
      const running = line.run();
      const codes = new Set();
      const devices = [];
      for (let i = 0; i < 120; i++) {
        try {
          devices.push(await openTap());
        } catch (error) {
          codes.add(error.code + ' ' + error.errno + ' ' + /ulimit -n/.test(error.message));
        }
      }
      for (const device of devices) device.close();
      (await openTap({ name: 'again0' })).close();
      await line.close();
      console.log(JSON.stringify({ codes: [...codes], opened: devices.length > 2, ended: (await running).held }));`;
    const limited = ['-c', 'ulimit -n 200; exec "$@"', 'bash', process.execPath, '--input-type=module', '-e', body];
    const { stdout } = await run('bash', limited);
    expect(JSON.parse(stdout)).toEqual({ codes: ['SYSCALL 24 true'], opened: true, ended: 0 });
  });
});
