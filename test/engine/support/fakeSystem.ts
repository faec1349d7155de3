import { Arena } from '../../../src/core/arena.ts';
import type { FdPort } from '../../../src/engine/readloop.ts';
import { ReadLoop } from '../../../src/engine/readloop.ts';
import type { Libc } from '../../../src/sys/libc.ts';
import type { PollCallback } from '../../../src/sys/poll.ts';

/** A system whose every answer a test decides. */
export interface FakeSystem {
  readonly arena: Arena;
  readonly engine: ReadLoop;
  /** What the next reads from a descriptor answer: bytes of a frame, or −errno. Without one: EAGAIN. */
  readonly reads: Map<number, number[]>;
  /** What the next writes to a descriptor answer: a length, or −errno. Without one: all is written. */
  readonly writes: Map<number, number[]>;
  /** Frames written, as descriptor and first byte. */
  readonly written: [fd: number, mark: number][];
  /** Descriptors that are watched now, with what is called. */
  readonly watched: Map<number, PollCallback>;
  /** Hands out frames marked by their first byte, and takes one turn. */
  write(frames: readonly { port: number; mark: number }[]): void;
  /** Completions of the last turn: errno and mark. */
  done(): { mark: number; errno: number }[];
}

const EAGAIN = 11;
const BYTES = 60;
/** Descriptor of port 0; port 1 has the next. */
export const FIRST_FD = 10;

/** A read loop over a made-up C library, with two ports of `slots` slots each. */
export function fakeSystem({ slots = 512 } = {}): FakeSystem {
  const arena = new Arena(
    [0, 1].map((port) => ({ port, link: 1, headerBytes: 0, frameBytes: 100, slots, offloads: 0 }) as const),
  );
  const reads = new Map<number, number[]>();
  const writes = new Map<number, number[]>();
  const written: [number, number][] = [];
  const watched = new Map<number, PollCallback>();
  let errno = 0;
  const answer = (result: number): number => {
    if (result < 0) errno = -result;
    return Math.max(result, -1);
  };
  const libc: Partial<Libc> = {
    addressOf: () => 0,
    errno: () => errno,
    read: (fd) => answer(reads.get(fd)?.shift() ?? -EAGAIN),
    write(fd, address, bytes) {
      const result = writes.get(fd)?.shift() ?? bytes;
      if (result === bytes) written.push([fd, arena.bytes[address] ?? -1]);
      return answer(result);
    },
    poll(fd, _interest, callback) {
      watched.set(fd, callback);
      return {
        pause: () => watched.delete(fd),
        resume: () => watched.set(fd, callback),
        ref: () => undefined,
        unref: () => undefined,
        close: () => watched.delete(fd),
      };
    },
  };
  const ports: FdPort[] = [0, 1].map((number) => ({ number, name: `port${number}`, fd: FIRST_FD + number }));
  const engine = new ReadLoop(libc as Libc, arena, ports);
  return {
    arena,
    engine,
    reads,
    writes,
    written,
    watched,
    write(frames) {
      frames.forEach(({ port, mark }, i) => {
        const slot = arena.take(port);
        arena.bytes[arena.address(slot) + 200] = mark;
        engine.outbound.set([slot, port, BYTES, 200], i * 4);
      });
      engine.turn(frames.length, 0);
    },
    done: () =>
      Array.from({ length: engine.doneCount }, (_, i) => ({
        mark: arena.bytes[arena.address(engine.done[i * 4] ?? 0) + 200] ?? -1,
        errno: engine.done[i * 4 + 3] ?? -1,
      })),
  };
}
