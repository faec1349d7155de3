import { type Child, startChild } from '../children.ts';
import type { BenchContext } from '../benchCase.ts';
import { findCores } from './cores.ts';
import { type Hosts, makeHosts, needTools } from './hosts.ts';
import { type Path, parseRelayTime } from './path.ts';

/** How a process that relays is started and made ready. */
export interface Relayer {
  /** Its command line; it prints `ready` when its devices exist. */
  command(hosts: Hosts): readonly string[];
  /** What is left to be done then. Default: nothing. */
  setUp?(hosts: Hosts): Promise<void>;
}

/** Opens a path that a process of its own makes, on the first core. */
export async function openProcessPath(context: BenchContext, { command, setUp }: Relayer): Promise<Path> {
  needTools('nsenter', 'ip');
  const hosts = await makeHosts(context);
  let child: Child | undefined;
  const close = async (): Promise<void> => {
    await child?.end();
    await hosts.close();
  };
  try {
    child = startChild(findCores().onFirst(command(hosts)), context);
    const relayer = child;
    await relayer.line();
    await setUp?.(hosts);
    return {
      hosts,
      pid: relayer.pid,
      async relay() {
        relayer.say('go');
        return parseRelayTime(await relayer.line());
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
