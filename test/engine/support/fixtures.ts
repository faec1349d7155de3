import type { EnginePort, SlotSource } from '../../../src/engine/engine.ts';
import { Joined } from '../../../src/engine/joined.ts';
import { Loopback } from '../../../src/engine/loopback.ts';
import type { MemoryPort } from '../../../src/engine/memoryPort.ts';
import { ReadLoop } from '../../../src/engine/readloop.ts';
import { Uring } from '../../../src/engine/uring/uring.ts';
import { loadLibc } from '../../../src/sys/libc.ts';
import type { EngineFixture } from '../../../src/testing/index.ts';
import { type SocketPair, openSocketPair } from './socketPair.ts';

/** The other side of one port. */
type Side = Pick<EngineFixture, 'inject' | 'collect' | 'lose'>;

/** Two memory ports. */
export function openLoopback(slots: SlotSource, ports: readonly EnginePort[]): EngineFixture {
  const engine = new Loopback(slots, ports);
  return {
    engine,
    ...memorySide((port) => engine.port(port)),
    close() {
      // Memory needs no closing.
    },
  };
}

/** Two descriptors. */
export async function openReadLoop(slots: SlotSource, ports: readonly EnginePort[]): Promise<EngineFixture> {
  const pairs = new Map<number, SocketPair>();
  for (const { number } of ports) pairs.set(number, await openSocketPair());
  const fdPorts = ports.map((port) => ({ ...port, fd: pairOf(pairs, port.number).fd }));
  return {
    engine: new ReadLoop(await loadLibc(), slots, fdPorts),
    ...socketSide((port) => pairOf(pairs, port)),
    close() {
      for (const pair of pairs.values()) pair.close();
    },
  };
}

/** Two descriptors, served by a ring. */
export async function openUring(slots: SlotSource, ports: readonly EnginePort[]): Promise<EngineFixture> {
  const pairs = new Map<number, SocketPair>();
  for (const { number } of ports) pairs.set(number, await openSocketPair());
  const fdPorts = ports.map((port) => ({ ...port, fd: pairOf(pairs, port.number).fd }));
  return {
    engine: await Uring.open(await loadLibc(), slots, fdPorts),
    ...socketSide((port) => pairOf(pairs, port)),
    close() {
      for (const pair of pairs.values()) pair.close();
    },
  };
}

/** A memory port and a descriptor, as a line with a queue and a device has them. */
export async function openJoined(slots: SlotSource, [left, right]: readonly EnginePort[]): Promise<EngineFixture> {
  if (left === undefined || right === undefined) throw new RangeError('Two ports are needed');
  const pair = await openSocketPair();
  const loopback = new Loopback(slots, [left]);
  const readLoop = new ReadLoop(await loadLibc(), slots, [{ ...right, fd: pair.fd }]);
  const memory = memorySide((port) => loopback.port(port));
  const socket = socketSide(() => pair);
  const sideOf = (port: number): Side => (port === left.number ? memory : socket);
  return {
    engine: new Joined([
      { engine: loopback, ports: [left.number] },
      { engine: readLoop, ports: [right.number] },
    ]),
    inject: (port, frame) => sideOf(port).inject(port, frame),
    collect: (port) => sideOf(port).collect(port),
    lose(port) {
      sideOf(port).lose(port);
    },
    close() {
      pair.close();
    },
  };
}

function memorySide(portOf: (number: number) => MemoryPort): Side {
  return {
    inject: (port, frame) => portOf(port).offer(frame),
    collect(port) {
      const frames: Uint8Array[] = [];
      for (let batch = portOf(port).receive(); batch !== null; batch = portOf(port).receive()) {
        for (const frame of batch) frames.push(frame.slice());
      }
      return frames;
    },
    lose(port) {
      portOf(port).close();
    },
  };
}

function socketSide(pairFor: (port: number) => SocketPair): Side {
  return {
    inject: (port, frame) => pairFor(port).send(frame),
    collect: (port) => pairFor(port).receive(),
    lose(port) {
      pairFor(port).hangUp();
    },
  };
}

function pairOf(pairs: ReadonlyMap<number, SocketPair>, port: number): SocketPair {
  const pair = pairs.get(port);
  if (pair === undefined) throw new RangeError(`There is no port ${port}`);
  return pair;
}
