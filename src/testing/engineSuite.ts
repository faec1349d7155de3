import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { BATCH_COUNT } from '../../assembly/layout.ts';
import type { Engine, EnginePort, SlotSource } from '../engine/engine.ts';
import { FRAME_BYTES, LEFT, RIGHT, Rig, SLOTS, testFrame } from './engineRig.ts';
import { walk } from './engineWalk.ts';

/** The functions of a test runner: those of vitest, mocha, jest and node:test fit. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/**
 * An engine with two ports, and the other side of both. The engine reads what is injected and writes what is collected;
 * frames are Ethernet frames of 60 to 302 bytes with EtherType 0x88b5, without a virtio header.
 */
export interface EngineFixture {
  readonly engine: Engine;
  /** Lets a frame come in by a port. Returns false when it takes none just now. */
  inject(port: number, frame: Uint8Array): boolean;
  /** Frames that went out of a port since the last call, in order; copies. */
  collect(port: number): Uint8Array[];
  /** Ends a port for good: deletes its device, or closes its other side. */
  lose(port: number): void;
  /** Called when the engine was closed: closes what stands behind its ports. */
  close(): void | Promise<void>;
}

/** Opens a fresh engine over `slots` that serves both `ports`. */
export type OpenEngine = (
  slots: SlotSource,
  ports: readonly [EnginePort, EnginePort],
) => EngineFixture | Promise<EngineFixture>;

/**
 * The contract of `Engine` as a suite of tests. Every engine passes it.
 *
 * @param name of the engine, for the report
 * @param runner where the tests are registered
 * @param open called once for each test
 */
export function engineSuite(name: string, runner: TestRunner, open: OpenEngine): void {
  const it = (title: string, body: (rig: Rig) => Promise<void>): void => {
    runner.it(title, async () => {
      const rig = await Rig.open(open);
      try {
        await body(rig);
      } finally {
        await rig.close();
      }
      assert.equal(rig.arena.freeCount, rig.arena.slotCount, 'every slot is back in its pool');
    });
  };
  runner.describe(`${name} keeps the engine contract`, () => {
    readingTests(it);
    writingTests(it);
    portTests(it);
    closingTests(it);
    it('loses and doubles nothing in a random walk of 20,000 frames', (rig) => walk(rig, { frames: 20_000, seed: 1 }));
  });
}

type It = (title: string, body: (rig: Rig) => Promise<void>) => void;

function readingTests(it: It): void {
  it('reads one record per frame, with its port, bytes, offset and length', async (rig) => {
    const frames = [60, 61, 200, 299].map((bytes, i) => testFrame(i, bytes));
    for (const frame of frames) await rig.inject(RIGHT, frame);
    const read = await rig.readUntil(frames.length);
    assert.deepEqual(
      read.map(({ port, bytes, isTruncated }) => ({ port, bytes, isTruncated })),
      frames.map((bytes) => ({ port: RIGHT, bytes, isTruncated: false })),
    );
    for (const { slot, offset, length } of read) rig.assertPoison(slot, offset, length);
  });

  it('flags a frame that fills all the room as truncated, and not one that just fits', async (rig) => {
    await rig.inject(LEFT, testFrame(0, FRAME_BYTES));
    await rig.inject(LEFT, testFrame(1, FRAME_BYTES + 1));
    await rig.inject(LEFT, testFrame(2, FRAME_BYTES + 2));
    const read = await rig.readUntil(3);
    assert.deepEqual(
      read.map(({ isTruncated }) => isTruncated),
      [false, true, true],
    );
    assert.deepEqual(read[0]?.bytes, testFrame(0, FRAME_BYTES));
    for (const { slot, offset, length } of read) rig.assertPoison(slot, offset, length);
  });

  it('reads inLimit frames at most, and none when it is 0', async (rig) => {
    for (let i = 0; i < 10; i++) await rig.inject(i % 2, testFrame(i));
    await rig.untilReady();
    assert.equal(rig.turn(0).length, 0);
    // `turn` itself holds what it reads against the limit.
    for (const limit of [1, 3]) await rig.readUntil(limit, limit);
    await rig.readUntil(6);
    assert.equal(rig.turn(BATCH_COUNT).length, 0);
  });

  it('serves both ports in one turn when both have frames', async (rig) => {
    for (let i = 0; i < 40; i++) for (const port of [LEFT, RIGHT]) await rig.inject(port, testFrame(i));
    await rig.settled();
    for (let turn = 0; turn < 4; turn++) {
      const read = rig.turn(16);
      for (const wanted of [LEFT, RIGHT]) {
        const count = read.filter(({ port }) => port === wanted).length;
        assert.ok(count > 0 && count <= 8, `in turn ${turn} port ${wanted} has ${count} of 16, its share is 8`);
      }
    }
  });

  it('keeps the order of a port', async (rig) => {
    for (let i = 0; i < 100; i++) await rig.inject(i % 2, testFrame(i));
    const read = await rig.readUntil(100, 7);
    for (const wanted of [LEFT, RIGHT]) {
      const sequence = read.filter(({ port }) => port === wanted).map(({ bytes }) => bytes);
      assert.deepEqual(
        sequence,
        Array.from({ length: 50 }, (_, i) => testFrame(2 * i + wanted)),
      );
    }
  });

  it('tells ready after idling, and again while something is left, and never inside of a turn', async (rig) => {
    for (let round = 0; round < 3; round++) {
      assert.equal(rig.turn(BATCH_COUNT).length, 0);
      for (let i = 0; i < 3; i++) await rig.inject(LEFT, testFrame(i));
      // Ready may be told once too often, and never once too seldom.
      for (let read = 0; read < 3;) {
        await rig.untilReady();
        read += rig.turn(1).length;
      }
    }
  });

  it('reads nothing without free slots, and goes on when some come back', async (rig) => {
    const taken = rig.takeSlots(LEFT, SLOTS - 8);
    let accepted = 0;
    while (accepted < 32 && rig.tryInject(LEFT, testFrame(accepted))) accepted++;
    const first = await rig.readAll();
    assert.ok(first.length <= SLOTS - taken.length, 'no more frames than slots');
    rig.releaseSlots(taken);
    const later = await rig.readUntil(accepted - first.length);
    while (accepted < 40) await rig.inject(LEFT, testFrame(accepted++));
    const last = await rig.readUntil(accepted - first.length - later.length);
    assert.deepEqual(
      [...first, ...later, ...last].map(({ bytes }) => bytes),
      Array.from({ length: 40 }, (_, i) => testFrame(i)),
    );
  });
}

function writingTests(it: It): void {
  it('writes the bytes of each record as they are, and completes each once', async (rig) => {
    const frames = [60, 61, 200, FRAME_BYTES].map((bytes, i) => testFrame(i, bytes));
    for (const frame of frames) rig.write(LEFT, frame);
    assert.deepEqual(await rig.collectUntil(LEFT, frames.length), frames);
    assert.deepEqual(await rig.completed(frames.length), [0, 0, 0, 0]);
    assert.equal(rig.engine.pendingCount, 0);
  });

  it('writes from any slot and offset', async (rig) => {
    for (let offset = 0; offset < 8; offset++) rig.write(LEFT, testFrame(offset), { pool: RIGHT, offset });
    const frames = Array.from({ length: 8 }, (_, i) => testFrame(i));
    assert.deepEqual(await rig.collectUntil(LEFT, frames.length), frames);
    assert.deepEqual(await rig.completed(8), Array(8).fill(0));
  });

  it('keeps the order of a port, over many turns', async (rig) => {
    const frames = Array.from({ length: 120 }, (_, i) => testFrame(i));
    for (const [i, frame] of frames.entries()) {
      rig.write(i % 2, frame);
      if (i % 7 === 0) rig.turn(0);
    }
    for (const port of [LEFT, RIGHT]) {
      const wanted = frames.filter((_, i) => i % 2 === port);
      assert.deepEqual(await rig.collectUntil(port, wanted.length), wanted);
    }
    assert.deepEqual(await rig.completed(frames.length), Array(frames.length).fill(0));
  });

  it('sends back what it read, from the same slots', async (rig) => {
    const frames = Array.from({ length: 30 }, (_, i) => testFrame(i));
    for (const frame of frames) await rig.inject(LEFT, frame);
    for (const received of await rig.readUntil(frames.length)) rig.forward(received, RIGHT);
    assert.deepEqual(await rig.collectUntil(RIGHT, frames.length), frames);
    await rig.completed(frames.length);
  });

  it('reads while it writes', async (rig) => {
    await rig.inject(LEFT, testFrame(1));
    rig.write(RIGHT, testFrame(2));
    assert.equal((await rig.readUntil(1)).length, 1);
    assert.deepEqual(await rig.collectUntil(RIGHT, 1), [testFrame(2)]);
  });
}

function portTests(it: It): void {
  it('says of its ports that they are up', (rig) => {
    rig.turn(0);
    assert.deepEqual([rig.engine.portState(LEFT), rig.engine.portState(RIGHT)], ['up', 'up']);
    assert.equal(rig.engine.readErrors, 0);
    return Promise.resolve();
  });

  it('completes writes to a lost port with an errno, says that it is gone, and goes on with the other', async (rig) => {
    rig.fixture.lose(LEFT);
    for (let i = 0; i < 4; i++) rig.write(i % 2 === 0 ? LEFT : RIGHT, testFrame(i));
    assert.deepEqual(await rig.collectUntil(RIGHT, 2), [testFrame(1), testFrame(3)]);
    const errnos = await rig.completed(4);
    assert.equal(errnos.filter((errno) => errno === 0).length, 2);
    assert.equal(errnos.filter((errno) => errno > 0).length, 2);
    await rig.untilGone(LEFT);
    assert.equal(rig.engine.portState(RIGHT), 'up');
    await rig.inject(RIGHT, testFrame(9));
    assert.deepEqual(
      (await rig.readUntil(1)).map(({ bytes }) => bytes),
      [testFrame(9)],
    );
  });

  it('tells ready when a port is lost', async (rig) => {
    assert.deepEqual(await rig.readAll(), []);
    rig.fixture.lose(RIGHT);
    await rig.untilReady();
    await rig.untilGone(RIGHT);
  });
}

function closingTests(it: It): void {
  it('close() completes what is pending with ECANCELED, and may be called again', async (rig) => {
    for (let i = 0; i < SLOTS && rig.pendingCount < 100; i++) {
      rig.write(LEFT, testFrame(i), { pool: i % 2 });
      if (i % 32 === 31) rig.turn(0);
    }
    rig.turn(0);
    assert.equal(rig.engine.pendingCount, rig.pendingCount);
    const pending = rig.pendingCount;
    rig.engine.close();
    const errnos = rig.takeDone();
    // What the other side has taken by now may count as done.
    assert.equal(errnos.length, pending);
    for (const errno of errnos) assert.ok([0, constants.errno.ECANCELED].includes(errno), `errno ${errno}`);
    assert.equal(rig.engine.pendingCount, 0);
    rig.engine.close();
    await rig.settled();
  });

  it('close() gives back frames that nobody read, and is quiet afterwards', async (rig) => {
    for (let i = 0; i < 20; i++) await rig.inject(i % 2, testFrame(i));
    await rig.untilReady();
    rig.turn(3);
    rig.engine.close();
    rig.takeDone();
    const told = rig.readyCount;
    await rig.settled();
    assert.equal(rig.readyCount, told, 'ready was not called after close');
  });

  it('close() without a turn gives every slot back', async (rig) => {
    rig.engine.close();
    rig.takeDone();
    await rig.settled();
  });
}
