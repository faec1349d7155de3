import { type Child, startChild } from '../children.ts';
import { type BenchContext, Unavailable } from '../benchCase.ts';
import { findCores } from '../cores.ts';
import { type Hosts, makeHosts, needTools } from './hosts.ts';
import { type Path, parseRelayTime } from './path.ts';

/** How a process that relays is started and made ready. */
export interface Relayer {
  /** Its command line; it prints `ready` when its devices exist. */
  command(hosts: Hosts): readonly string[];
  /** Whether it has threads that need cores of their own: then it runs wherever the kernel puts them. Default false. */
  readonly isSpread?: boolean;
  /** What is left to be done then. Default: nothing. */
  setUp?(hosts: Hosts): Promise<void>;
}

/**
 * Opens a path that a process of its own makes, on the first core unless it is spread.
 *
 * @throws {Unavailable} when the process does not get ready, with what it said: no io_uring here, for example
 */
export async function openProcessPath(context: BenchContext, how: Relayer): Promise<Path> {
  needTools('nsenter', 'ip');
  const hosts = await makeHosts(context);
  let child: Child | undefined;
  const close = async (): Promise<void> => {
    await child?.end();
    await hosts.close();
  };
  try {
    const command = how.command(hosts);
    child = startChild(how.isSpread === true ? command : findCores().onFirst(command), context);
    const relayer = child;
    await untilReady(relayer, context);
    await how.setUp?.(hosts);
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

async function untilReady(relayer: Child, { signal }: BenchContext): Promise<void> {
  try {
    await relayer.line();
  } catch (error) {
    signal.throwIfAborted();
    throw new Unavailable(error instanceof Error ? error.message.replace(/^.*? ended: /s, '') : String(error));
  }
}
