import { setTimeout as pause } from 'node:timers/promises';
import { inside, output, startLines } from '../../bench/support/children.js';
import { devices } from '../../bench/support/hosts.js';

/** Together about 20,000 packets a second: small datagrams both ways, and TCP with super-packets both ways. */
const streams = [
  { port: 5201, args: ['--udp', '--bitrate', '24M', '--length', '400', '--bidir'] },
  { port: 5202, args: ['--bitrate', '100M', '--bidir'] },
];

/** Starts senders that stop by themselves after so many seconds. */
export async function startTraffic(hosts, seconds) {
  const address = devices.right.address.replace(/\/.*/, '');
  const servers = streams.map(({ port }) =>
    startLines(inside(hosts.right, ['iperf3', '--server', '--one-off', '--port', `${port}`])),
  );
  // It says that it listens only when its output is not a pipe, or long after.
  await pause(500);
  const clients = streams.map(({ port, args }) => {
    const command = ['iperf3', '--client', address, '--port', `${port}`, '--time', `${Math.ceil(seconds)}`, ...args];
    return output(inside(hosts.left, command));
  });
  const ended = Promise.all(clients).finally(() => Promise.all(servers.map((server) => server.kill())));
  ended.catch(() => undefined);
  return { ended };
}
