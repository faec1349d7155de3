import { expect, it } from 'vitest';
import { BATCH_COUNT, LINK_ETHERNET, VNET_BYTES } from '../../assembly/layout.ts';
import { Arena } from '../../src/core/arena.ts';
import { Batch } from '../../src/core/batch.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { recordArray } from '../../src/engine/records.ts';
import type { FilterLike } from '../../src/index.ts';
import { Breath } from '../../src/pipeline/breath.ts';
import { Chain } from '../../src/pipeline/chain.ts';
import { plainCopies } from '../../src/pipeline/copies.ts';
import { tcpFrame } from '../../src/testing/index.ts';
import { VirtioFrame } from './support/virtio.ts';

const EINVAL = 22;
const EIO = 5;
const superFrame = VirtioFrame.partial(tcpFrame({ payload: new Uint8Array(300) }), { gsoType: 1, gsoSize: 100 });
const plainFrame = VirtioFrame.partial(tcpFrame({ payload: new Uint8Array(300) }));

/** Sends one frame from port 0 to port 1, where every write ends with `errno`. Returns what the breath said of it. */
function refuse(frame: Uint8Array, errno: number, filters: readonly FilterLike[] = []) {
  const plan = { link: LINK_ETHERNET, frameBytes: 1600, slots: 8, offloads: 0x6f } as const;
  const ports = [0, 1].map((number) => ({ number, headerBytes: VNET_BYTES }));
  const arena = new Arena(ports.map(({ number, headerBytes }) => ({ ...plan, port: number, headerBytes })));
  arena.setRoute(0, 1);
  const batch = new Batch(arena);
  const engine = refusingEngine(arena, frame, errno);
  const host = { arena, batch, portNumber: () => 1, portName: () => '', log: () => undefined, bindCopy: plainCopies };
  const refused: [port: number, gsoType: number][] = [];
  const breath = new Breath(arena, batch, engine, new Chain(host, filters), ports, {
    onRefused: (...what) => refused.push(what),
  });
  breath.breathe(() => undefined);
  breath.exhale();
  const { losses, mirrorsLost } = breath.tally;
  expect(arena.freeCount).toBe(arena.slotCount);
  return { refused, losses, mirrorsLost };
}

/** Reads `frame` once; completes every write with `errno`, in the turn after the one that took it. */
function refusingEngine(arena: Arena, frame: Uint8Array, errno: number): Engine {
  let isRead = false;
  const engine: Engine = {
    name: 'refusing',
    inbound: recordArray(BATCH_COUNT),
    outbound: recordArray(BATCH_COUNT),
    done: recordArray(BATCH_COUNT),
    doneCount: 0,
    pendingCount: 0,
    readErrors: 0,
    turn(outCount) {
      this.done.set(this.outbound.subarray(0, 4 * outCount));
      for (let i = 0; i < outCount; i++) this.done[4 * i + 3] = errno;
      Object.assign(this, { doneCount: outCount });
      if (isRead) return 0;
      isRead = true;
      const slot = arena.take(0);
      arena.bytes.set(frame, arena.address(slot) + arena.readOffset(0));
      this.inbound.set([slot, 0, frame.length, arena.readOffset(0)]);
      return 1;
    },
    start: () => undefined,
    portState: () => 'up',
    close: () => undefined,
  };
  return engine;
}

it('a super-packet that the kernel refuses is told of, with its type, and lost', () => {
  const { refused, losses } = refuse(superFrame, EINVAL);
  expect(refused).toEqual([[1, 1]]);
  expect(losses.rejected).toBe(1);
});

it('wherever a filter has moved its start', () => {
  const tag: FilterLike = {
    name: 'tag',
    filter(packet) {
      packet.push(4);
      for (let i = 0; i < 12; i += 2) packet.setU16(i, packet.u16(i + 4));
      packet.setU32(12, 0x8100_0005);
    },
  };
  expect(refuse(superFrame, EINVAL, [tag]).refused).toEqual([[1, 1]]);
});

it('a refused copy is told of too', () => {
  const copy: FilterLike = { name: 'copy', filter: (packet) => (packet.mirror('any'), packet.drop()) };
  const { refused, mirrorsLost } = refuse(superFrame, EINVAL, [copy]);
  expect([refused, mirrorsLost]).toEqual([[[1, 1]], 1]);
});

it('any other packet, and any other error, is no reason to give anything up', () => {
  expect(refuse(plainFrame, EINVAL).refused).toEqual([]);
  expect(refuse(superFrame, EIO).refused).toEqual([]);
});
