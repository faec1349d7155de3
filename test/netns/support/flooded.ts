import { MAIN } from '../../cli/support/tapline.ts';
import { RIGHT, makeHosts } from './bridge.ts';
import { start } from './process.ts';

/** `tapline run` between two namespaces, with a flood of pings through it. */
export async function flooded(...more: string[]) {
  const hosts = await makeHosts({ ipv6: false });
  const { left, right } = hosts;
  const ports = ['--tun', 'left', '--netns', `left=${left.pid}`, '--tun', 'right', '--netns', `right=${right.pid}`];
  const addresses = ['--address', 'left=10.77.0.1/24', '--address', `right=${RIGHT.ipv4}/24`];
  const line = start(process.execPath, [MAIN, 'run', ...ports, ...addresses, ...more]);
  await line.waitFor(/^ready/m);
  const flood = left.spawn('ping', ['-n', '-f', '-c', '1000000', RIGHT.ipv4]);
  return {
    line,
    left,
    async [Symbol.asyncDispose]() {
      await Promise.all([flood, line, hosts].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
