import { type Child, startChild } from '../children.ts';
import type { BenchContext } from '../benchCase.ts';
import { findCores } from '../cores.ts';
import { type Hosts, inside } from './hosts.ts';

/** The generator of `bench/c/generate.c` at the left device. */
export interface Generator {
  /** Puts `count` frames into the device, as fast as it takes them. */
  send(count: number): Promise<Generated>;
  /** Sends for so long; `rate` in frames per second, 0: as fast as the device takes them. */
  sendFor(milliseconds: number, rate: number): Promise<Generated>;
  close(): Promise<void>;
}

export interface Generated {
  /** Frames that were to be sent. */
  readonly offered: number;
  /** Those that the device took; it refuses what its queue has no room for. */
  readonly taken: number;
  readonly nanoseconds: number;
}

/**
 * @param bytes of each Ethernet frame, 42 at least
 * @param flows source ports that take turns, 1 to 64
 */
export async function openGenerator(context: BenchContext, hosts: Hosts, bytes: number, flows = 1): Promise<Generator> {
  const command = [context.programs.compile('generate'), 'left', String(bytes), String(flows)];
  const child = startChild(inside(hosts.left, findCores().onSecond(command)), context);
  await child.line();
  return {
    send: (count) => ask(child, `${count}`),
    sendFor: (milliseconds, rate) => ask(child, `0 ${rate} ${milliseconds}`),
    close: () => child.end(),
  };
}

async function ask(child: Child, text: string): Promise<Generated> {
  child.say(text);
  const [offered = 0, taken = 0, nanoseconds = 0] = (await child.line()).trim().split(' ').map(Number);
  return { offered, taken, nanoseconds };
}
