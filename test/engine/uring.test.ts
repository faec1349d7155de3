import { describe, expect, it } from 'vitest';
import { errnos } from '../../src/sys/errno.ts';
import { NO_FAULTS } from './support/fakeKernel.ts';
import { FRAME_BYTES, fakeUring } from './support/fakeUring.ts';
import { uringWalk } from './support/uringWalk.ts';

/** Frames of each walk: TAPLINE_FRAMES=10000000 for the full count. */
const FRAMES = Number(process.env['TAPLINE_FRAMES'] ?? 200_000);
const TIMEOUT_MS = 30_000 + FRAMES / 10;
const faults = { enter: 0.02, short: 0.05, full: 0.0005, write: 0.001, read: 0.001 };

describe('Uring loses no slot', () => {
  it(
    'over a kernel that works',
    async () => {
      const { read, written, failed, readErrors } = await uringWalk(FRAMES, NO_FAULTS);
      expect({ read, failed, readErrors }).toEqual({ read: FRAMES, failed: 0, readErrors: 0 });
      expect(written).toBeGreaterThan(0.85 * FRAMES);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['full-sized rings', faults, {}],
    ['full-sized rings and failures reported in their place', { ...faults, isPrompt: true }, {}],
    ['short rings', faults, { sizes: { submissions: 16, completions: 64 } }],
    ['short rings and few slots', faults, { sizes: { submissions: 8, completions: 32 }, slots: 24 }],
  ])(
    'over a kernel that fails, with %s',
    async (_, failures, options) => {
      const { read, failed, readErrors } = await uringWalk(FRAMES, failures, options);
      expect(read).toBe(FRAMES);
      expect(failed).toBeGreaterThan(0);
      expect(readErrors).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});

const { ECANCELED, EINVAL, EIO, EMSGSIZE, ENODEV, ENOMEM, EPERM } = errnos;

async function round(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('Uring is set up', () => {
  it('again when locked memory is short, and then with smaller rings', async () => {
    const { kernel, engine } = await fakeUring({ setups: [-ENOMEM, -ENOMEM, -ENOMEM, -ENOMEM] });
    expect(kernel.asked).toEqual([256, 256, 256, 128, 128]);
    expect(engine.sizes).toEqual({ submissions: 128, completions: 512 });
    engine.close();
    expect(kernel.open.size).toBe(0);
  });

  it('not where locked memory is too short for any ring', async () => {
    const setups = Array<number>(100).fill(-ENOMEM);
    await expect(fakeUring({ setups })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      errno: ENOMEM,
      message: expect.stringContaining('ulimit -l') as string,
    });
    expect(100 - setups.length).toBe(15);
  });

  it('not where the kernel forbids it, which is asked only once', async () => {
    const setups = [-EPERM, 0];
    await expect(fakeUring({ setups })).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE', errno: EPERM });
    expect(setups).toEqual([0]);
  });
});

describe('Uring validates what the kernel is told', () => {
  // The fake kernel throws when it is told an address outside of the arena, or another length.
  it.each([
    ['a slot that there is not', [100_000, 0, FRAME_BYTES, 142], EINVAL],
    ['a slot that the kernel may fill', [0, 0, FRAME_BYTES, 142], EINVAL],
    ['a frame that leaves its slot', [300, 0, FRAME_BYTES, 100_000], EINVAL],
    ['an offset that wraps', [300, 0, FRAME_BYTES, 0xffff_ffff], EINVAL],
    ['a length that wraps', [300, 0, 0xffff_ffff, 142], EINVAL],
    ['a frame of nothing', [300, 0, 0, 142], EINVAL],
    ['a port that there is not', [300, 7, FRAME_BYTES, 142], ENODEV],
    ['the pool of copies as a port', [300, 63, FRAME_BYTES, 142], ENODEV],
    ['a port beyond all', [300, 255, FRAME_BYTES, 142], ENODEV],
  ])('%s is refused', async (_, record, errno) => {
    const { engine, kernel } = await fakeUring();
    engine.outbound.set(record);
    engine.turn(1, 0);
    expect([...engine.done.subarray(0, 4 * engine.doneCount)]).toEqual([...record.slice(0, 3), errno]);
    expect(kernel.ports.flatMap(({ outgoing }) => outgoing)).toEqual([]);
    engine.close();
  });

  it('a slot that is handed out twice is written once', async () => {
    const { engine, kernel, write } = await fakeUring();
    write(0, 1);
    engine.outbound.copyWithin(4, 0, 4);
    engine.turn(2, 0);
    expect([engine.done[3], engine.done[7]].sort()).toEqual([0, EINVAL]);
    expect(kernel.ports[0]?.outgoing).toEqual([1]);
    engine.close();
  });
});

describe('Uring writes', () => {
  it('report what the kernel says of each, and see an interface go down and up', async () => {
    const { engine, kernel, write, done } = await fakeUring();
    const seen = new Set<number>();
    for (let mark = 0; mark < 200; mark++) {
      kernel.faults = { ...NO_FAULTS, write: mark % 2 };
      write(0, mark);
      engine.turn(1, 0);
      const [[, errno] = [-1, -1]] = done();
      expect(errno === 0).toBe(mark % 2 === 0);
      expect(engine.portState(0)).toBe(errno === EIO ? 'down' : 'up');
      seen.add(errno);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([0, EIO, EINVAL, EMSGSIZE]);
    engine.close();
  });

  it('wait where there is no room, in order, and call for a turn', async () => {
    const { engine, kernel, told, write, done } = await fakeUring();
    const [left] = kernel.ports;
    if (left === undefined) return;
    for (let mark = 1; mark <= 4; mark++) write(0, mark);
    left.full = 4;
    engine.turn(4, 0);
    expect([done(), engine.pendingCount]).toEqual([[], 4]);
    const before = told.count;
    await expect.poll(() => told.count).toBeGreaterThan(before);
    left.full = 1;
    write(0, 5);
    engine.turn(1, 0);
    expect([done(), engine.pendingCount]).toEqual([[], 5]);
    engine.turn(0, 0);
    expect(done().map(([, errno]) => errno)).toEqual([0, 0, 0, 0, 0]);
    expect(left.outgoing).toEqual([1, 2, 3, 4, 5]);
    engine.close();
  });

  it('lose what was overtaken within a batch, rather than to change the order', async () => {
    const { engine, kernel, write, done } = await fakeUring();
    const [left] = kernel.ports;
    if (left === undefined) return;
    for (let mark = 1; mark <= 4; mark++) write(0, mark);
    left.full = 2;
    engine.turn(4, 0);
    expect(
      done()
        .map(([, errno]) => errno)
        .sort((a, b) => a - b),
    ).toEqual([0, 0, errnos.ENOBUFS, errnos.ENOBUFS]);
    expect([left.outgoing, engine.pendingCount]).toEqual([[3, 4], 0]);
    engine.close();
  });

  it('to one port do not wait for another one that is full', async () => {
    const { engine, kernel, write, done } = await fakeUring();
    const [left, right] = kernel.ports;
    if (left === undefined || right === undefined) return;
    left.full = 1000;
    for (let mark = 1; mark <= 6; mark++) write(mark % 2, mark);
    engine.turn(6, 0);
    expect(done()).toHaveLength(3);
    expect([left.outgoing, right.outgoing]).toEqual([[], [1, 3, 5]]);
    engine.close();
    expect(done().map(([, errno]) => errno)).toEqual([ECANCELED, ECANCELED, ECANCELED]);
  });
});

describe('Uring reads', () => {
  it('are not asked for while the pool is empty, and begin again when a slot comes back', async () => {
    const { engine, kernel, ledger, told, frames } = await fakeUring({ slots: 4 });
    for (let mark = 1; mark <= 6; mark++) kernel.inject(0, mark);
    expect(engine.turn(0, 8)).toBe(4);
    for (let i = 0; i < 3; i++) expect(engine.turn(0, 8)).toBe(0);
    await round();
    const before = told.count;
    expect(frames(4).map(([, mark]) => mark)).toEqual([1, 2, 3, 4]);
    await expect.poll(() => told.count).toBeGreaterThan(before);
    expect(engine.turn(0, 8)).toBe(2);
    frames(2);
    engine.close();
    expect(ledger.count('pool')).toBe(ledger.slotCount);
  });

  it('take a batch at most from each port before the others have their turn', async () => {
    const { engine, kernel, frames } = await fakeUring();
    for (let mark = 1; mark <= 2000; mark++) kernel.inject(0, mark);
    engine.turn(0, 1);
    frames(1);
    expect(kernel.ports[0]?.incoming.length).toBe(2000 - 256);
    for (let i = 0; i < 4; i++) {
      kernel.inject(1, 1);
      expect(engine.turn(0, 4)).toBe(4);
      // Whichever port is due: a short queue does not wait behind a flood.
      expect(frames(4).map(([port]) => port)).toEqual([1, 0, 0, 0]);
    }
    engine.close();
  });

  it('offer fewer slots where they are large, since each that was filled takes memory', async () => {
    const { engine, kernel, frames } = await fakeUring({ slotBytes: 65_600 });
    for (let mark = 1; mark <= 2000; mark++) kernel.inject(0, mark);
    engine.turn(0, 1);
    frames(1);
    expect(kernel.ports[0]?.incoming.length).toBe(2000 - 127);
    engine.close();
  });

  it('go on when the kernel ended one for no reason, and count that', async () => {
    const { engine, kernel, frames } = await fakeUring();
    kernel.faults = { ...NO_FAULTS, read: 1 };
    for (let mark = 1; mark <= 20; mark++) kernel.inject(0, mark);
    for (let i = 0; i < 20; i++) engine.turn(0, 8);
    expect(engine.readErrors).toBeGreaterThan(0);
    kernel.faults = NO_FAULTS;
    let read = 0;
    for (let i = 0; i < 20; i++) read += frames(engine.turn(0, 8)).length;
    expect(read).toBe(20);
    engine.close();
  });
});

describe('Uring waits', () => {
  it('without being woken while it drains, and is woken when it rests', async () => {
    const { engine, kernel, told, frames } = await fakeUring();
    expect(engine.turn(0, 8)).toBe(0);
    kernel.inject(0, 1);
    expect(kernel.isSignalled).toBe(true);
    kernel.poll();
    expect(told.count).toBe(1);
    expect(frames(engine.turn(0, 8))).toEqual([[0, 1]]);
    kernel.isSignalled = false;
    kernel.inject(0, 2);
    expect(kernel.isSignalled).toBe(false);
    expect(frames(engine.turn(0, 8))).toEqual([[0, 2]]);
    expect(engine.turn(0, 8)).toBe(0);
    kernel.inject(0, 3);
    expect(kernel.isSignalled).toBe(true);
    engine.close();
  });

  it('by one system call for each turn that moves something, and none for one that does not', async () => {
    const { engine, kernel, write, done, frames } = await fakeUring();
    engine.turn(0, 8);
    const before = kernel.enters;
    for (let i = 0; i < 10; i++) engine.turn(0, 8);
    expect(kernel.enters).toBe(before);
    for (let mark = 1; mark <= 100; mark++) kernel.inject(0, mark);
    for (let mark = 1; mark <= 100; mark++) write(1, mark);
    expect(engine.turn(100, 256)).toBe(100);
    expect(kernel.enters).toBe(before + 1);
    expect([done().length, frames(100).length]).toEqual([100, 100]);
    engine.close();
  });

  it('busily, when it is told to: ready comes without the event descriptor', async () => {
    const { engine, kernel, told, frames } = await fakeUring({ busyPoll: 1_000_000 });
    kernel.inject(0, 1);
    expect(frames(engine.turn(0, 8))).toEqual([[0, 1]]);
    expect(engine.turn(0, 8)).toBe(0);
    await round();
    const before = told.count;
    kernel.isSignalled = false;
    kernel.inject(0, 2);
    expect(kernel.isSignalled).toBe(false);
    await expect.poll(() => told.count).toBeGreaterThan(before);
    engine.close();
  });

  it('never again after it was closed', async () => {
    const { engine, kernel, told } = await fakeUring();
    kernel.inject(0, 1);
    engine.turn(0, 0);
    engine.close();
    engine.close();
    const before = told.count;
    kernel.poll();
    await round();
    expect([told.count, kernel.open.size]).toEqual([before, 0]);
  });
});
