import type { Facts } from './facts.ts';

/** `warn`: it works, but slower or less conveniently. */
export type CheckStatus = 'ok' | 'warn' | 'fail';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found. */
  readonly found: string;
  /** What to do about it; null when it is ok. */
  readonly remedy: string | null;
}

/** Judges the facts; what everything else depends on comes first. */
export function checksOf(facts: Facts): Check[] {
  return [
    node(facts),
    libc(facts),
    tunNode(facts),
    capability(facts),
    device(facts),
    features(facts),
    offloads(facts),
    ioUring(facts),
    userNamespaces(facts),
    typescript(facts),
  ];
}

/** `<linux/capability.h>` */
const CAP_NET_ADMIN_BIT = 12n;

function node({ node, platform, arch, kernel }: Facts): Check {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const isNew = major > 20 || (major === 20 && minor >= 19);
  const found = `${node} on ${platform}-${arch} ${kernel}`;
  return isNew ? ok('node', found) : fail('node', found, 'install Node 20.19 or later');
}

function libc({ tun }: Facts): Check {
  if (tun.library !== null) return ok('libc', tun.library);
  return fail('libc', tun.problem?.message ?? 'none', 'TUN/TAP needs Linux, with glibc or musl');
}

function tunNode({ tun }: Facts): Check {
  const name = '/dev/net/tun';
  if (tun.canOpen) return ok(name, 'can be opened');
  if (!tun.nodeExists) {
    return fail(
      name,
      'is missing',
      'modprobe tun; mkdir -p /dev/net && mknod -m 666 /dev/net/tun c 10 200 (in a container: --device /dev/net/tun)',
    );
  }
  return fail(
    name,
    'exists and cannot be opened',
    'run as root, or once: sudo chmod 0666 /dev/net/tun (in a container: --device /dev/net/tun)',
  );
}

function capability({ capabilities, hasUserNamespaces, userId }: Facts): Check {
  const name = 'CAP_NET_ADMIN';
  if (capabilities === null) return warn(name, 'unknown: /proc/self/status cannot be read', 'mount /proc');
  if (((capabilities >> CAP_NET_ADMIN_BIT) & 1n) === 1n) return ok(name, 'is there');
  const rootless = hasUserNamespaces === true ? ', or run inside unshare -Urn' : '';
  return fail(
    name,
    `is missing (user id ${userId})`,
    userId === 0 ? `in a container: --cap-add NET_ADMIN${rootless}` : `run as root${rootless}`,
  );
}

function device({ tun }: Facts): Check {
  if (tun.canCreate) return ok('device', 'a TAP device was opened and closed');
  const { message = 'a TAP device cannot be opened' } = tun.problem ?? {};
  return fail('device', message, 'mend what fails above');
}

function features({ tun }: Facts): Check {
  if (!tun.canOpen) return notTried('features');
  const found = tun.features.join(', ');
  const missing = ['vnetHdr', 'multiQueue'].filter((name) => !tun.features.includes(name));
  if (missing.length === 0) return ok('features', found);
  return warn(
    'features',
    `${found}; without ${missing.join(' and ')}`,
    'a newer kernel has them; without, no offloads',
  );
}

function offloads({ tun }: Facts): Check {
  if (!tun.canCreate) return notTried('offloads');
  const found = tun.offloads.length === 0 ? 'none' : tun.offloads.join(', ');
  if (tun.offloads.includes('uso4')) return ok('offloads', found);
  return warn('offloads', found, 'UDP super-packets need Linux 6.2 or later');
}

function ioUring({ tun: { ioUring, library }, engine }: Facts): Check {
  if (library === null) return notTried('io_uring');
  if (engine.ring !== null) return rings(engine.ring, engine.isShort);
  if (ioUring.isAllowed) {
    const found = `cannot be used: the read loop is used; ${engine.reason ?? 'unknown'}`;
    return warn('io_uring', found, 'a newer kernel, from Linux 6.7 on, or more locked memory (ulimit -l)');
  }
  const { error, disabledSetting } = ioUring;
  const remedy =
    disabledSetting !== null && disabledSetting > 0
      ? 'sudo sysctl kernel.io_uring_disabled=0'
      : 'the seccomp profile of the container forbids it, or the kernel is older than 5.1';
  return warn('io_uring', `is not allowed (${error ?? 'unknown'}): the read loop is used`, remedy);
}

function rings({ submissions, completions }: { submissions: number; completions: number }, isShort: boolean): Check {
  const found = `is used, with rings of ${submissions} and ${completions} entries`;
  if (!isShort) return ok('io_uring', found);
  return warn('io_uring', `${found}: locked memory is short`, 'raise the limit of locked memory (ulimit -l)');
}

function userNamespaces({ hasUserNamespaces }: Facts): Check {
  const name = 'user namespaces';
  if (hasUserNamespaces === true) return ok(name, 'unshare -Urn works: devices without root');
  if (hasUserNamespaces === null) return warn(name, 'there is no unshare program', 'apt-get install util-linux');
  return warn(
    name,
    'unshare -Urn does not work',
    'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), or user.max_user_namespaces above 0',
  );
}

function typescript({ typescript: how }: Facts): Check {
  if (how === 'native') return ok('typescript', 'Node reads it');
  if (how === 'package') return ok('typescript', 'read by the typescript package');
  return warn('typescript', 'filters in .ts cannot be read', 'npm install typescript, or Node 22.18 or later');
}

function notTried(name: string): Check {
  return warn(name, 'unknown', 'mend what fails above');
}

function ok(name: string, found: string): Check {
  return { name, status: 'ok', found, remedy: null };
}
function warn(name: string, found: string, remedy: string): Check {
  return { name, status: 'warn', found, remedy };
}
function fail(name: string, found: string, remedy: string): Check {
  return { name, status: 'fail', found, remedy };
}
