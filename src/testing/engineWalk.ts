import assert from 'node:assert/strict';
import { BATCH_COUNT } from '../../assembly/layout.ts';
import { LEFT, RIGHT, type Rig, testFrame } from './engineRig.ts';

const PORTS = [LEFT, RIGHT];
/** Frames on their way into or out of one port, at most: fewer than any device or socket holds. */
const WINDOW = 100;

/** What has happened to one port. */
interface Side {
  readonly port: number;
  /** Numbers of frames injected and not yet read, in order. */
  readonly injected: number[];
  /** Numbers of frames sent out and not yet collected, in order. */
  readonly sent: number[];
}

/**
 * Sends `frames` frames through the engine in random portions, forwards, reflects or drops each, and holds what comes out
 * against what went in: every frame once, in the order of its port.
 */
export async function walk(rig: Rig, { frames, seed }: { frames: number; seed: number }): Promise<void> {
  const random = generator(seed);
  const sides = PORTS.map((port): Side => ({ port, injected: [], sent: [] }));
  let next = 0;
  const step = (): boolean => {
    for (const side of sides) next = injectSome(rig, side, next, Math.min(frames, next + random(40)));
    turnOnce(rig, sides, random);
    for (const side of sides) if (random(2) === 0) collect(rig, side);
    return next === frames;
  };
  for (let i = 0; !step(); i++) if (i % 16 === 0) await rig.settled();
  await rig.until(() => {
    turnOnce(rig, sides, random);
    for (const side of sides) collect(rig, side);
    return sides.every(({ injected, sent }) => injected.length === 0 && sent.length === 0);
  }, 'the last frames come out');
  await rig.until(() => {
    rig.turn(0);
    return rig.pendingCount === 0;
  }, 'the last writes are completed');
}

/** Injects frames `next` up to `end`, as far as the port takes them. Returns the number of the next frame. */
function injectSome(rig: Rig, { port, injected }: Side, next: number, end: number): number {
  while (next < end && injected.length < WINDOW && rig.tryInject(port, testFrame(next))) injected.push(next++);
  return next;
}

function turnOnce(rig: Rig, sides: readonly Side[], random: (below: number) => number): void {
  const limit = sides.some(({ sent }) => sent.length > WINDOW) ? 0 : random(2) === 0 ? random(20) : BATCH_COUNT / 4;
  for (const received of rig.turn(limit)) {
    const number = numberOf(received.bytes);
    assert.equal(number, sides[received.port]?.injected.shift(), 'frames are read in order, each once');
    assert.deepEqual(received.bytes, testFrame(number));
    const fate = random(10);
    const target = fate < 7 ? 1 - received.port : received.port;
    if (fate > 7) {
      rig.drop(received);
    } else {
      rig.forward(received, target);
      sides[target]?.sent.push(number);
    }
  }
}

function collect(rig: Rig, { port, sent }: Side): void {
  for (const frame of rig.fixture.collect(port)) {
    const number = numberOf(frame);
    assert.equal(number, sent.shift(), 'frames come out in order, each once');
    assert.deepEqual(frame, testFrame(number));
  }
}

function numberOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(14);
}

/** A small random generator (mulberry32): the same walk each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
