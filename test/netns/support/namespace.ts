import { type Child, type Output, type RunOptions, run, start } from './process.ts';

/** Longest life of a namespace that nobody disposes of, in seconds. */
const LIFE_SECONDS = 600;

/** A network namespace held by a sleeping process. Disposing of it ends that process and everything started in it. */
export interface Namespace extends AsyncDisposable {
  /** Process id: what the `netns` option of a device takes. */
  readonly pid: number;
  /** Runs a command in it to its end. */
  exec(command: string, args?: readonly string[], options?: RunOptions): Promise<Output>;
  /** Starts a command in it; it is killed with the namespace at the latest. */
  spawn(command: string, args?: readonly string[], options?: Pick<RunOptions, 'env'>): Child;
}

/** What a namespace may be told before anything happens in it. */
export interface NamespaceOptions {
  /**
   * Default true. `false`: no IPv6 at all, so that nothing but what a test sends is on the link. With it, addresses are
   * usable at once (no duplicate address detection) and nobody asks for routers.
   */
  readonly ipv6?: boolean;
}

/** Makes a network namespace with `lo` up. */
export async function makeNamespace({ ipv6 = true }: NamespaceOptions = {}): Promise<Namespace> {
  const conf = '/proc/sys/net/ipv6/conf';
  const quiet = ['accept_dad', 'router_solicitations', 'accept_ra'].map((key) => `echo 0 >${conf}/default/${key}`);
  const settings = ipv6 ? quiet : [`echo 1 >${conf}/default/disable_ipv6`];
  const script = `ip link set lo up; ${settings.join('; ')}; echo ready; exec sleep ${LIFE_SECONDS}`;
  const holder = start('unshare', ['--net', 'sh', '-ec', script]);
  try {
    await holder.waitFor(/^ready$/m);
  } catch (error) {
    await holder[Symbol.asyncDispose]();
    throw error;
  }
  const enter = (command: string, args: readonly string[]) =>
    ['nsenter', [`--net=/proc/${holder.pid}/ns/net`, command, ...args]] as const;
  const children: Child[] = [];
  return {
    pid: holder.pid,
    exec: async (command, args = [], options) => await run(...enter(command, args), options),
    spawn(command, args = [], options) {
      const child = start(...enter(command, args), options);
      children.push(child);
      return child;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...children, holder].map((child) => child[Symbol.asyncDispose]()));
    },
  };
}
