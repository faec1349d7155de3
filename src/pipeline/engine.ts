import { LINK_ETHERNET, LINK_IP } from '../../assembly/layout.ts';
import type { Arena } from '../core/arena.ts';
import { CaptureEngine, type CapturePort } from '../engine/capture.ts';
import type { Engine } from '../engine/engine.ts';
import { Joined, type Share } from '../engine/joined.ts';
import { Loopback } from '../engine/loopback.ts';
import { type FdPort, ReadLoop } from '../engine/readloop.ts';
import { Uring } from '../engine/uring/uring.ts';
import { TaplineError } from '../errors.ts';
import { loadLibc } from '../sys/libc.ts';
import type { EngineChoice } from './declaration.ts';
import { LineCapture } from './lineCapture.ts';
import { LineFile } from './lineFile.ts';
import { type OpenPort, isDeviceTarget } from './ports.ts';
import { LineQueue } from './queue.ts';

/** What a line may say about its engine. */
export interface EngineWish {
  readonly engine: EngineChoice;
  /** Microseconds after the last packet in which to keep asking before waiting. */
  readonly busyPoll: number;
}

/** The engine of a line, and why it is not a better one. */
export interface ChosenEngine {
  readonly engine: Engine;
  /** Undefined where it is the best there is, or the one that was asked for. */
  readonly reason: string | undefined;
}

/**
 * Chooses the engines that serve the ports of a line: the kernel's for devices, memory for queues, files for captures.
 *
 * @param isReplay whether captures may hold up the line, since nothing comes in by itself
 * @throws {TaplineError} `ENGINE_UNAVAILABLE` when one was asked for that cannot run here
 */
export async function openEngine(
  arena: Arena,
  ports: readonly OpenPort[],
  wish: EngineWish,
  isReplay: boolean,
): Promise<ChosenEngine> {
  const shares: Share[] = [];
  let reason: string | undefined;
  const devices = devicesOf(ports);
  const queues = ports.filter(({ target }) => target instanceof LineQueue);
  if (devices.length > 0) {
    const chosen = await openDevices(arena, devices, wish);
    reason = chosen.reason;
    shares.push({ engine: chosen.engine, ports: devices.map(({ number }) => number) });
  }
  if (queues.length > 0) shares.push(openQueues(arena, queues));
  const captures = ports.filter(({ target }) => target instanceof LineFile || target instanceof LineCapture);
  if (captures.length > 0) shares.push(openCaptures(arena, captures, isReplay));
  const [only, ...others] = shares;
  return { engine: only !== undefined && others.length === 0 ? only.engine : new Joined(shares), reason };
}

/** The ports behind which there is a descriptor. */
export function devicesOf(ports: readonly OpenPort[]): FdPort[] {
  return ports.flatMap(({ number, name, target }) => (isDeviceTarget(target) ? [{ number, name, fd: target.fd }] : []));
}

const CHOICES: readonly EngineChoice[] = ['auto', 'uring', 'readloop'];
const MOST_BUSY_POLL = 1_000_000;

/**
 * @throws {TypeError} for a name that is no engine
 * @throws {RangeError} for a time that is none
 */
export function checkEngine({ engine, busyPoll }: EngineWish): void {
  if (!CHOICES.includes(engine)) {
    throw new TypeError(`Cannot use engine '${engine}': expected ${CHOICES.join(', ')}`);
  }
  if (!Number.isFinite(busyPoll) || busyPoll < 0 || busyPoll > MOST_BUSY_POLL) {
    throw new RangeError(
      `Cannot poll for ${busyPoll} microseconds: busyPoll must be a number from 0 to ${MOST_BUSY_POLL}`,
    );
  }
  if (busyPoll > 0 && engine === 'readloop') {
    throw new TypeError('Cannot poll with engine readloop: busyPoll needs uring');
  }
}

/** io_uring where the kernel allows it; otherwise the read loop, which works everywhere. */
async function openDevices(
  arena: Arena,
  devices: readonly FdPort[],
  { engine, busyPoll }: EngineWish,
): Promise<ChosenEngine> {
  const libc = await loadLibc();
  if (engine === 'readloop') return { engine: new ReadLoop(libc, arena, devices), reason: undefined };
  try {
    return { engine: await Uring.open(libc, arena, devices, { busyPoll }), reason: undefined };
  } catch (error) {
    if (engine === 'uring' || !isUnavailable(error)) throw error;
    return { engine: new ReadLoop(libc, arena, devices), reason: error.message };
  }
}

/** Whether io_uring cannot be used here. */
export function isUnavailable(error: unknown): error is TaplineError {
  return error instanceof TaplineError && error.code === 'ENGINE_UNAVAILABLE';
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
