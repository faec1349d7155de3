import { readFileSync } from 'node:fs';
import * as layout from '../../assembly/layout.ts';
import { TaplineError } from '../errors.ts';

/**
 * The functions of `core.wasm` (`assembly/core.ts`), bound to one arena. Addresses and counts are plain numbers; a
 * batch never holds more than `BATCH_COUNT` packets.
 */
export interface Core {
  /** Turns inbound records into dissected descriptors. Returns how many are active, or −1−i when record i is invalid. */
  admit(count: number): number;
  /** Takes in what stage `stage` said of the active packets. Returns how many are still active. */
  settle(stage: number, count: number): number;
  /** Puts packets that a guard set aside back among the active ones, in the batch's order. Returns how many there are. */
  merge(active: number, aside: number): number;
  /** Writes one outbound record per admitted packet, those that stay (NO_PORT) included. Returns `count`, or how many it
   * wrote before a super-packet that must be cut first: `setAside`, then `portion`. */
  route(count: number): number;
  /** Copies packet `index` into the copy pool's `slot`, ready for `port`; its record lies at CONTROL_COPY_RECORD.
   * Returns 0, or REASON_BUILT_IN | REASON_* when the copy cannot be sent there. */
  mirror(index: number, slot: number, port: number): number;
  /** How many of the active packets are super-packets. */
  supers(active: number): number;
  /** Sets packets `from` … `count` − 1 of the batch aside, to come back in portions. */
  setAside(from: number, count: number): void;
  /** Makes a batch of the next packets that were set aside, segments in the place of super-packets (PORTION_*). Returns
   * how many packets it has; 0 when none is left. */
  portion(kind: number): number;
  /** Segments of the packet at `descriptor`; 0 when it is no super-packet, or cannot be cut. */
  segments(descriptor: number): number;
  /** As `mirror`, segment `number` of a packet of which `segments` says that it can be cut, into a slot of the segments'
   * pool. */
  mirrorSegment(index: number, number: number, slot: number, port: number): void;
  /** Takes packet `index`, which came without a virtio header, for a super-packet if it is TCP and longer than `mtu`. */
  inferSuper(index: number, mtu: number): void;
  /** How many packets without offloads packet `index` becomes: its segments, or 1 where only the checksum is to be completed;
   * 0 when it is finished as it lies, or cannot be. */
  finishedCount(index: number): number;
  /** Makes one of them at `address`, where there is room for the whole packet. Returns its bytes. */
  finishedCopy(index: number, number: number, address: number): number;
  /** Fills in one descriptor whose frame, length and virtio fields are set. */
  dissect(descriptor: number, link: number): void;
  /** Hash of the flow of a dissected packet, as `dissect` has put it into the descriptor; signed. */
  flowHash(descriptor: number): number;
  /** Writes `bytes` from SCRATCH_OFFSET at `offset` from the dissected frame's start and keeps checksums right.
   * Returns 0 when the bytes would lie outside the frame. */
  edit(descriptor: number, outcome: number, offset: number, bytes: number): number;
  /** Moves the frame's start back by `bytes` (zeroed). Returns 0 and drops the packet when the headroom is too small. */
  push(descriptor: number, outcome: number, bytes: number): number;
  /** Moves the frame's start forward by `bytes`. Returns 0 when the frame is not longer than that. */
  pop(descriptor: number, outcome: number, bytes: number): number;
  /** Internet checksum (RFC 1071) of `bytes` at `address`, as the header field's value. */
  checksum(address: number, bytes: number): number;
  /** IPv4 header checksum: 0 wrong, 1 right, 2 there is none. */
  verifyNetwork(descriptor: number): number;
  /** Transport checksum: 0 wrong, 1 right, 2 cannot be told (partial, fragment, truncated, UDP 0, SCTP). */
  verifyTransport(descriptor: number): number;
  /** Completes a partial checksum in place and clears its flags. */
  complete(descriptor: number): void;
  /** The same for the active packets of the batch, super-packets left out. */
  completeActive(count: number): void;
  /** Puts the active packets into the staging area for a filter that finds it at `address` of its own memory. Returns
   * the bytes used, or 0 where they are too many. `isFixed`: each packet gets the same room, so that it can be written. */
  gather(staging: number, address: number, count: number, window: number, headroom: number, isFixed: number): number;
  /** Takes back outcomes, and changed bytes where the filter `writes`. */
  scatter(staging: number, count: number, window: number, headroom: number, writes: number): void;
  /** Bytes before each frame that all active packets have, `limit` at most. */
  roomBefore(count: number, limit: number): number;
}

/** A shared WebAssembly.Memory, as far as others see it; the name `WebAssembly` needs the DOM's types. */
export interface ArenaMemory {
  readonly buffer: ArrayBufferLike;
}

let compiled: object | undefined;

/** Instantiates `core.wasm` on `memory` after comparing its memory map with ours. */
export function instantiateCore(memory: ArenaMemory): Core {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../build/core.wasm', import.meta.url)));
  const { exports } = new WebAssembly.Instance(compiled, {
    env: { memory: memory as WebAssembly.Memory },
  });
  assertSameLayout(exports);
  return exports as unknown as Core;
}

function assertSameLayout(exports: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(layout)) {
    const global = exports[name];
    const found = global instanceof WebAssembly.Global ? Number(global.value) : undefined;
    if (found !== value) {
      throw new TaplineError(
        'LAYOUT_MISMATCH',
        `Cannot use core.wasm: ${name} is ${found ?? 'missing'} there and ${value} here: build again with npm run build`,
      );
    }
  }
}
