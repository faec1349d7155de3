import type { Arena } from '../core/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { Joined, type Share } from '../engine/joined.ts';
import { Loopback } from '../engine/loopback.ts';
import { ReadLoop } from '../engine/readloop.ts';
import { loadLibc } from '../sys/libc.ts';
import type { OpenPort } from './ports.ts';
import { LineQueue } from './queue.ts';

/** Chooses the engines that serve the ports of a line: the kernel's for devices, memory for queues. */
export async function openEngine(arena: Arena, ports: readonly OpenPort[]): Promise<Engine> {
  const shares: Share[] = [];
  const devices = ports.flatMap(({ number, name, target }) =>
    target instanceof LineQueue ? [] : [{ number, name, fd: target.fd }],
  );
  const queues = ports.filter(({ target }) => target instanceof LineQueue);
  if (devices.length > 0) {
    const libc = await loadLibc();
    shares.push({ engine: new ReadLoop(libc, arena, devices), ports: devices.map(({ number }) => number) });
  }
  if (queues.length > 0) shares.push(openQueues(arena, queues));
  const [only, ...others] = shares;
  return only !== undefined && others.length === 0 ? only.engine : new Joined(shares);
}

/** @throws {TypeError} for a name that is no engine */
export function checkEngine(choice: string): void {
  if (choice !== 'auto' && choice !== 'readloop') {
    throw new TypeError(`Cannot use engine '${choice}': expected auto or readloop`);
  }
}

function openQueues(arena: Arena, queues: readonly OpenPort[]): Share {
  const loopback = new Loopback(arena, queues);
  for (const { number, target } of queues) if (target instanceof LineQueue) target.attach(loopback.port(number));
  return { engine: loopback, ports: queues.map(({ number }) => number) };
}
