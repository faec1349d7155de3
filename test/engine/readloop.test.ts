import { describe, expect, it } from 'vitest';
import { BATCH_COUNT } from '../../assembly/layout.ts';
import { errnos } from '../../src/sys/errno.ts';
import { FIRST_FD, type FakeSystem, fakeSystem } from './support/fakeSystem.ts';

const { EAGAIN, EBADFD, ECANCELED, EINTR, EINVAL, EIO, EMSGSIZE, ENOBUFS, ENODEV } = errnos;
const LEFT = FIRST_FD;
const RIGHT = FIRST_FD + 1;

function marks(port: number, first: number, count: number): { port: number; mark: number }[] {
  return Array.from({ length: count }, (_, i) => ({ port, mark: first + i }));
}

function start(system: FakeSystem): { told: number } {
  const count = { told: 0 };
  system.engine.start({ ready: () => count.told++ });
  return count;
}

async function round(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('ReadLoop writes', () => {
  it('report the errno of a frame that the kernel refuses, and go on', () => {
    const system = fakeSystem();
    system.writes.set(LEFT, [60, -EINVAL, 60]);
    system.write(marks(0, 1, 3));
    expect(system.done()).toEqual([
      { mark: 1, errno: 0 },
      { mark: 2, errno: EINVAL },
      { mark: 3, errno: 0 },
    ]);
  });

  it('say EMSGSIZE when the kernel takes a part', () => {
    const system = fakeSystem();
    system.writes.set(LEFT, [59]);
    system.write(marks(0, 1, 1));
    expect(system.done()).toEqual([{ mark: 1, errno: EMSGSIZE }]);
  });

  it('are tried again once when interrupted, and later when that happens twice', () => {
    const system = fakeSystem();
    system.writes.set(LEFT, [-EINTR, 60, -EINTR, -EINTR]);
    system.write(marks(0, 1, 2));
    expect(system.done()).toEqual([{ mark: 1, errno: 0 }]);
    system.write([]);
    expect(system.done()).toEqual([{ mark: 2, errno: 0 }]);
  });

  it('see an interface that is down, and that it is up again', () => {
    const system = fakeSystem();
    system.writes.set(LEFT, [-EIO]);
    system.write(marks(0, 1, 1));
    expect([system.done(), system.engine.portState(0)]).toEqual([[{ mark: 1, errno: EIO }], 'down']);
    system.write(marks(0, 2, 1));
    expect(system.engine.portState(0)).toBe('up');
  });

  it('see a deleted device, and make no system call for it any more', () => {
    const system = fakeSystem();
    system.writes.set(LEFT, [-EBADFD]);
    system.write([...marks(0, 1, 2), ...marks(1, 3, 1)]);
    expect(system.done().map(({ errno }) => errno)).toEqual([EBADFD, ENODEV, 0]);
    expect(system.engine.portState(0)).toBe('gone');
    expect(system.written).toEqual([[RIGHT, 3]]);
  });

  it('wait where there is no room, in order, and call for a turn', async () => {
    const system = fakeSystem();
    const ready = start(system);
    system.writes.set(LEFT, [60, -EAGAIN]);
    system.write(marks(0, 1, 3));
    expect(system.done()).toEqual([{ mark: 1, errno: 0 }]);
    expect(system.engine.pendingCount).toBe(2);
    await round();
    expect(ready.told).toBe(1);
    system.writes.set(LEFT, [60, -EAGAIN]);
    system.write(marks(0, 4, 1));
    expect(system.done()).toEqual([{ mark: 2, errno: 0 }]);
    system.write([]);
    expect(system.written.map(([, mark]) => mark)).toEqual([1, 2, 3, 4]);
    system.engine.close();
  });

  it('to one port do not wait for another one that is full', () => {
    const system = fakeSystem();
    system.writes.set(LEFT, [-EAGAIN]);
    system.write([...marks(0, 1, 2), ...marks(1, 3, 2)]);
    expect(system.done()).toEqual([
      { mark: 3, errno: 0 },
      { mark: 4, errno: 0 },
    ]);
    // Also from the backlog: the first to wait is tried, those behind it are not.
    system.writes.set(LEFT, [-EAGAIN]);
    system.writes.set(RIGHT, [-EAGAIN]);
    system.write(marks(1, 5, 2));
    system.writes.set(LEFT, [-EAGAIN]);
    system.write([]);
    expect(system.written.map(([, mark]) => mark)).toEqual([3, 4, 5, 6]);
    expect(system.engine.pendingCount).toBe(2);
  });

  it('are refused with ENOBUFS when too many wait, and leave slots for reading', () => {
    const system = fakeSystem();
    system.writes.set(LEFT, Array<number>(4).fill(-EAGAIN));
    system.write(marks(0, 1, 200));
    system.write(marks(0, 1, 200));
    expect(system.engine.pendingCount).toBe(BATCH_COUNT);
    expect(system.done()).toHaveLength(400 - BATCH_COUNT);
    expect(new Set(system.done().map(({ errno }) => errno))).toEqual(new Set([ENOBUFS]));
    system.engine.close();
    expect(new Set(system.done().map(({ errno }) => errno))).toEqual(new Set([ECANCELED]));
    expect(system.engine.doneCount).toBe(BATCH_COUNT);
  });
});

describe('ReadLoop reads', () => {
  it('count an unexpected errno, and try again', () => {
    const system = fakeSystem();
    system.reads.set(LEFT, [-EINVAL, 60]);
    expect(system.engine.turn(0, 4)).toBe(0);
    expect(system.engine.readErrors).toBe(1);
    expect(system.engine.turn(0, 4)).toBe(1);
  });

  it('count neither EAGAIN nor EINTR', () => {
    const system = fakeSystem();
    system.reads.set(LEFT, [-EINTR, -EAGAIN]);
    system.engine.turn(0, 4);
    system.engine.turn(0, 4);
    expect(system.engine.readErrors).toBe(0);
  });

  it('lose a port whose device is gone, in a read or while it is watched', () => {
    const system = fakeSystem();
    const ready = start(system);
    system.reads.set(LEFT, [-EBADFD]);
    system.engine.turn(0, 4);
    expect([system.engine.portState(0), system.engine.portState(1)]).toEqual(['gone', 'up']);
    expect([...system.watched.keys()]).toEqual([RIGHT]);
    system.watched.get(RIGHT)?.(-9, { readable: false, writable: false });
    expect([system.engine.portState(1), ready.told, system.watched.size]).toEqual(['gone', 1, 0]);
  });

  it('give a busy port what idle ones leave', () => {
    const system = fakeSystem();
    system.reads.set(RIGHT, Array<number>(300).fill(60));
    expect(system.engine.turn(0, BATCH_COUNT)).toBe(BATCH_COUNT);
    expect(system.engine.turn(0, BATCH_COUNT)).toBe(300 - BATCH_COUNT);
  });

  it('take the ports in turns, when the limit is less than their number', () => {
    const system = fakeSystem();
    for (const fd of [LEFT, RIGHT]) system.reads.set(fd, Array<number>(4).fill(60));
    const ports = Array.from({ length: 8 }, () => {
      expect(system.engine.turn(0, 1)).toBe(1);
      return system.engine.inbound[1];
    });
    expect(ports.filter((port) => port === 0)).toHaveLength(4);
    expect(new Set(ports.slice(0, 2)).size).toBe(2);
  });

  it('are not polled for while the pool is empty', () => {
    const system = fakeSystem({ slots: 4 });
    start(system);
    system.reads.set(LEFT, Array<number>(6).fill(60));
    expect(system.engine.turn(0, 8)).toBe(4);
    expect([...system.watched.keys()]).toEqual([RIGHT]);
    expect(system.engine.turn(0, 8)).toBe(0);
    system.arena.release(system.engine.inbound[0] ?? 0);
    expect([...system.watched.keys()].sort()).toEqual([LEFT, RIGHT]);
    expect(system.engine.turn(0, 8)).toBe(1);
  });

  it('of a starved port stay ended after close', () => {
    const system = fakeSystem({ slots: 1 });
    start(system);
    system.reads.set(LEFT, [60, 60]);
    expect(system.engine.turn(0, 8)).toBe(1);
    system.engine.turn(0, 8);
    system.engine.close();
    system.arena.release(system.engine.inbound[0] ?? 0);
    expect(system.watched.size).toBe(0);
    expect(system.arena.freeCount).toBe(system.arena.slotCount);
  });
});
