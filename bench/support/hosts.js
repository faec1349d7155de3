import { inside, output, startLines } from './children.js';

/** Two network namespaces without IPv6, so that nothing is on the link but what is measured. They end by themselves. */
export async function makeHosts({ seconds = 1800 } = {}) {
  const quiet = 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6';
  const script = `${quiet}; ip link set lo up; echo ready; exec sleep ${seconds}`;
  const hosts = [1, 2].map(() => startLines(['unshare', '--net', 'sh', '-ec', script]));
  await Promise.all(hosts.map((host) => host.line()));
  return {
    left: hosts[0].pid,
    right: hosts[1].pid,
    async close() {
      await Promise.all(hosts.map((host) => host.kill()));
    },
  };
}

/** What a device gets, whoever opens it. Its queue is long enough for any batch that a benchmark puts there. */
export const devices = {
  left: { mac: '02:00:00:00:00:01', address: '10.0.0.1/24' },
  right: { mac: '02:00:00:00:00:02', address: '10.0.0.2/24' },
};
export const QUEUE_PACKETS = 10_000;

/** Sets up the two devices that the C relay has made. A line does the same by options. */
export async function setUp(hosts) {
  for (const [device, { mac, address }] of Object.entries(devices)) {
    const ip = (...args) => output(inside(hosts[device], ['ip', ...args]));
    await ip('address', 'add', address, 'dev', device);
    await ip('link', 'set', 'dev', device, 'address', mac, 'txqueuelen', `${QUEUE_PACKETS}`, 'up');
  }
}
