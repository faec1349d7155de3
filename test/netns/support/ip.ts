import type { Namespace } from './namespace.ts';

/** What `ip -j -s -d link` says of an interface; the fields that tests look at. */
export interface LinkFacts {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly txqlen: number;
  readonly operstate: string;
  readonly address?: string;
  readonly stats64: { readonly rx: LinkCounters; readonly tx: LinkCounters };
}

/** Counters from the kernel's side: what a line writes to a device is received there. */
export interface LinkCounters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

/** Runs `ip` with JSON output. */
export async function ipJson(ns: Namespace, args: readonly string[]): Promise<unknown> {
  const { stdout } = await ns.exec('ip', ['-json', '-statistics', '-details', ...args]);
  return stdout.trim() === '' ? [] : JSON.parse(stdout);
}

/** All interfaces of a namespace but `lo`. */
export async function links(ns: Namespace): Promise<readonly LinkFacts[]> {
  const all = (await ipJson(ns, ['link', 'show'])) as readonly LinkFacts[];
  return all.filter((link) => link.ifname !== 'lo');
}

/** One interface. */
export async function link(ns: Namespace, name: string): Promise<LinkFacts> {
  const found = (await links(ns)).find((each) => each.ifname === name);
  if (found === undefined) throw new Error(`There is no ${name} in namespace ${ns.pid}`);
  return found;
}
