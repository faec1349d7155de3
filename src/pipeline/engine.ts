import { LINK_ETHERNET, LINK_IP } from '../../assembly/layout.ts';
import type { Arena } from '../core/arena.ts';
import { CaptureEngine, type CapturePort } from '../engine/capture.ts';
import type { Engine } from '../engine/engine.ts';
import { Joined, type Share } from '../engine/joined.ts';
import { Loopback } from '../engine/loopback.ts';
import { ReadLoop } from '../engine/readloop.ts';
import { loadLibc } from '../sys/libc.ts';
import { LineCapture } from './lineCapture.ts';
import { LineFile } from './lineFile.ts';
import { type OpenPort, isDeviceTarget } from './ports.ts';
import { LineQueue } from './queue.ts';

/**
 * Chooses the engines that serve the ports of a line: the kernel's for devices, memory for queues, files for captures.
 *
 * @param isReplay whether captures may hold up the line, since nothing comes in by itself
 */
export async function openEngine(arena: Arena, ports: readonly OpenPort[], isReplay: boolean): Promise<Engine> {
  const shares: Share[] = [];
  const devices = ports.flatMap(({ number, name, target }) =>
    isDeviceTarget(target) ? [{ number, name, fd: target.fd }] : [],
  );
  const queues = ports.filter(({ target }) => target instanceof LineQueue);
  if (devices.length > 0) {
    const libc = await loadLibc();
    shares.push({ engine: new ReadLoop(libc, arena, devices), ports: devices.map(({ number }) => number) });
  }
  if (queues.length > 0) shares.push(openQueues(arena, queues));
  const captures = ports.filter(({ target }) => target instanceof LineFile || target instanceof LineCapture);
  if (captures.length > 0) shares.push(openCaptures(arena, captures, isReplay));
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

function openCaptures(arena: Arena, ports: readonly OpenPort[], isReplay: boolean): Share {
  const engine = new CaptureEngine(
    arena,
    ports.map((port) => capturePort(port, isReplay)),
  );
  for (const { number, target } of ports) if (target instanceof LineFile) target.attach(engine, number);
  return { engine, ports: ports.map(({ number }) => number) };
}

function capturePort({ number, name, link: kind, headerBytes, target }: OpenPort, isReplay: boolean): CapturePort {
  const link = kind === 'ethernet' ? LINK_ETHERNET : LINK_IP;
  const port = { number, name, link } as const;
  if (target instanceof LineFile) return { ...port, reader: target.reader, speed: target.speed };
  if (!(target instanceof LineCapture) || target.writer === undefined) return port;
  const { writer, interfaceOf } = target;
  return { ...port, writer, interfaceOf, headerBytes, whenFull: isReplay ? 'wait' : 'drop' };
}
