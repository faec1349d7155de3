import * as L from '../../../assembly/layout.ts';
import { Arena } from '../../../src/core/arena.ts';
import { Batch } from '../../../src/core/batch.ts';
import { Packet } from '../../../src/core/packet.ts';
import { StageTable } from '../../../src/core/stageTable.ts';
import type { Link } from './oracle.ts';

/** A packet view on one frame in a poisoned arena of its own. */
export interface View {
  readonly packet: Packet;
  readonly arena: Arena;
  /** Puts the frame back as it was in the beginning. */
  reset(): void;
  /** The frame as it is now; a copy. */
  bytes(): Uint8Array;
  /** Whether a field was read that the packet does not have. Clears the mark. */
  takeShort(): boolean;
  /** Whether the frame was changed since it was dissected. */
  isModified(): boolean;
  /** Ends the filter's turn: edits are taken in and the frame is dissected again. Returns how many packets go on. */
  settle(): number;
  /** The slot around the frame is as it was poisoned. */
  isPoisonIntact(): boolean;
}

export interface ViewOptions {
  readonly link?: Link;
  /** virtio_net_hdr before the frame. */
  readonly virtio?: Uint8Array;
  readonly reasons?: readonly string[];
  /** What the arena is filled with. Default 0xa5. */
  readonly poison?: number;
}

export function viewOf(
  frame: Uint8Array,
  { link = 'ethernet', virtio, reasons = [], poison = 0xa5 }: ViewOptions = {},
): View {
  const headerBytes = virtio?.length ?? 0;
  const arena = new Arena([
    {
      port: 0,
      link: link === 'ethernet' ? L.LINK_ETHERNET : L.LINK_IP,
      headerBytes,
      frameBytes: Math.max(1538, frame.length),
      slots: 1,
      offloads: 0,
    },
  ]);
  const slot = arena.take(0);
  const offset = arena.readOffset(0);
  const batch = new Batch(arena);
  const admit = (): void => {
    arena.bytes.fill(poison, arena.address(slot), arena.address(slot) + arena.stride(slot));
    const start = arena.address(slot) + offset;
    if (virtio !== undefined) arena.bytes.set(virtio, start);
    arena.bytes.set(frame, start + headerBytes);
    const admitted = batch.admit(Uint32Array.of(slot, 0, headerBytes + frame.length, offset), 1);
    if (admitted !== 1) throw new Error(`admit returned ${admitted}`);
  };
  admit();
  const row = new StageTable(arena.view).take({ name: 'test', reasons });
  const ports = new Map([
    ['lan', 0],
    ['wan', 1],
  ]);
  const packet = new Packet({
    arena,
    reasonNumber: (name) => {
      const index = reasons.indexOf(name);
      return index < 0 ? undefined : index + 1;
    },
    portNumber: (name) => ports.get(name),
    portName: (number) => [...ports.keys()][number] ?? '',
  });
  packet.at(0);
  const flagsAt = L.OUTCOMES_OFFSET + L.OUTCOME_FLAGS;
  return {
    packet,
    arena,
    reset: admit,
    bytes: () => packet.bytes.slice(),
    takeShort() {
      const flags = arena.view.getUint8(flagsAt);
      arena.view.setUint8(flagsAt, flags & ~L.OUTCOME_FLAG_SHORT);
      return (flags & L.OUTCOME_FLAG_SHORT) !== 0;
    },
    isModified: () => (arena.view.getUint8(flagsAt) & L.OUTCOME_FLAG_MODIFIED) !== 0,
    settle() {
      const left = batch.settle(row, 1);
      packet.at(0);
      return left;
    },
    isPoisonIntact() {
      const room = arena.bytes.subarray(arena.address(slot), arena.address(slot) + arena.stride(slot));
      const inside = (i: number): boolean => i >= offset && i < offset + headerBytes + frame.length;
      return room.every((byte, i) => byte === poison || inside(i));
    },
  };
}
