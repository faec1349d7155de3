// Where live tests and benchmarks run: namespaces of their own, with or without root. Plain JavaScript, since
// test/run.js starts on any Node without a build.

import { spawnSync } from 'node:child_process';

/** Tried inside before anything else: everything that live tests stand on. */
const PROBE = 'ip tuntap add dev probe0 mode tap && ip link del dev probe0';

/**
 * Finds a command line that runs what follows it in fresh namespaces.
 *
 * @returns {{ command: string[] } | { reason: string }} the command line, or why there is none here
 */
export function findSandbox() {
  if (process.platform !== 'linux') return { reason: `TUN/TAP devices are Linux only, this is ${process.platform}` };
  const isRoot = process.getuid?.() === 0;
  const command = sandbox(isRoot);
  const [unshare, ...rest] = command;
  const tried = spawnSync(unshare, [...rest, 'sh', '-c', PROBE], { encoding: 'utf8', timeout: 10_000 });
  if (tried.status === 0) return { command };
  const text = (tried.error?.message ?? tried.stderr).trim().split('\n').at(-1);
  const remedy = isRoot ? '' : ' (run as root, or make /dev/net/tun writable and allow user namespaces)';
  return { reason: `no TAP device can be made in a new namespace here: ${text}${remedy}` };
}

/**
 * Network, mount and PID namespaces; without root inside a user namespace. A shell is process 1: it reaps orphans, and
 * when it ends, or `unshare` is killed, the kernel kills whatever is left inside.
 */
function sandbox(isRoot) {
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const inside = 'mount -t sysfs sysfs /sys; mount -t tmpfs tmpfs /run && mkdir /run/netns; ip link set lo up; "$@"';
  return ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), ...namespaces, 'sh', '-c', inside, 'sh'];
}

/** How to tell that a tool works, where being installed is not enough. */
const TRIALS = {
  // It gives up root when it starts, which it may not do in a user namespace; then it ends at once.
  tcpdump: 'timeout -s INT 0.5 tcpdump -i lo -Z root -w /dev/null; test $? -eq 124',
};

/** Those of `tools` that are not installed, or do not work behind the sandbox's command line. */
export function missingTools(tools, sandboxCommand = []) {
  return tools.filter((tool) => {
    const trial = `command -v ${tool} && { ${TRIALS[tool] ?? 'true'}; }`;
    const [command, ...args] = [...sandboxCommand, 'sh', '-c', trial];
    return spawnSync(command, args, { timeout: 10_000 }).status !== 0;
  });
}
