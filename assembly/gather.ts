import {
  ACTIVE_OFFSET,
  BATCH_COUNT,
  DESCRIPTOR_BYTES,
  INDEX_BYTES,
  OUTCOME_BYTES,
  OUTCOME_FLAG_MODIFIED,
  STAGING_BYTES,
} from './layout.ts';
import { Descriptor, Outcome } from './records.ts';
import { lowestFrame, slotEnd } from './slot.ts';

// Between the arena and a sandboxed filter. `staging` is what is copied into the filter's memory as one piece, and back:
// descriptors, outcomes and windows of the active packets, in their order. `docs/filter-abi.md` draws it.

/** Windows begin at multiples of this. */
const ALIGNMENT = 16;

/**
 * Puts the `count` active packets into the staging area for a filter that will find it at `address` in its own memory: of
 * each frame `window` bytes, and `headroom` zeros before them. Where `isFixed`, each packet has the same room, so that
 * it can be written to; else frames stand close together. Returns the bytes used, or 0 where they are too many.
 */
export function gather(staging: usize, address: u32, count: i32, window: i32, headroom: i32, isFixed: bool): i32 {
  if (!fits(count, window, headroom)) return 0;
  const outcomes = staging + count * DESCRIPTOR_BYTES;
  const before = pad(headroom);
  const stride = before + pad(window);
  let at = outcomes + count * OUTCOME_BYTES;
  for (let position = 0; position < count; position++) {
    const index = activeIndex(position);
    const packet = Descriptor.of(index);
    copyLine(staging + position * DESCRIPTOR_BYTES, changetype<usize>(packet));
    v128.store(outcomes + position * OUTCOME_BYTES, v128.load(changetype<usize>(Outcome.of(index))));
    Descriptor.at(staging + position * DESCRIPTOR_BYTES).frame = address + <u32>(at + before - staging);
    const bytes = min(window, <i32>packet.length);
    if (isFixed) {
      clear(at, before);
      copyWindow(at + before, packet.frame, bytes);
      clear(at + before + pad(bytes), pad(window) - pad(bytes));
      at += stride;
    } else {
      copyWindow(at, packet.frame, bytes);
      at += pad(bytes);
    }
  }
  return <i32>(at - staging);
}

/**
 * Takes back what the filter wrote: the outcomes of the `count` active packets, and, where it `writes`, the bytes of
 * those that it says it modified. Only bytes that it had, in their own slot, are taken; `settle` judges the rest.
 */
export function scatter(staging: usize, count: i32, window: i32, headroom: i32, writes: bool): void {
  if (!fits(count, window, headroom)) return;
  const outcomes = staging + count * DESCRIPTOR_BYTES;
  const before = pad(headroom);
  const stride = before + pad(window);
  const windows = outcomes + count * OUTCOME_BYTES;
  for (let position = 0; position < count; position++) {
    const index = activeIndex(position);
    const outcome = Outcome.of(index);
    v128.store(changetype<usize>(outcome), v128.load(outcomes + position * OUTCOME_BYTES));
    if (!writes || !(outcome.flags & OUTCOME_FLAG_MODIFIED)) continue;
    writeBack(Descriptor.of(index), outcome, windows + position * stride + before, window, headroom);
  }
}

/** Bytes before each frame that all active packets have, `limit` at most: a filter before may have pushed already. */
export function roomBefore(count: i32, limit: i32): i32 {
  let room = limit;
  for (let position = 0; position < count; position++) {
    const packet = Descriptor.of(activeIndex(position));
    room = min(room, <i32>(packet.frame - lowestFrame(packet)));
  }
  return room;
}

function activeIndex(position: i32): i32 {
  return <i32>load<u16>(ACTIVE_OFFSET + position * INDEX_BYTES);
}

/** All that the host asks for is checked here, so that no mistake of it writes behind the staging area. */
function fits(count: i32, window: i32, headroom: i32): bool {
  if (<u32>count > <u32>BATCH_COUNT || <u32>window > 0xffff || <u32>headroom > 0xffff) return false;
  return count * (DESCRIPTOR_BYTES + OUTCOME_BYTES + pad(headroom) + pad(window)) <= STAGING_BYTES;
}

function pad(bytes: i32): i32 {
  return (bytes + (ALIGNMENT - 1)) & ~(ALIGNMENT - 1);
}

function copyLine(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

/** Copies `bytes` bytes and zeros up to the next multiple of ALIGNMENT: not a byte behind the frame is shown. */
function copyWindow(to: usize, from: usize, bytes: i32): void {
  const wide = bytes & ~(ALIGNMENT - 1);
  if (bytes != wide) v128.store(to + wide, i64x2.splat(0));
  copyExactly(to, from, bytes);
}

function clear(to: usize, bytes: i32): void {
  const end = to + bytes;
  for (; to < end; to += ALIGNMENT) v128.store(to, i64x2.splat(0));
}

/** Shifts are whatever a filter wrote: 64-bit numbers hold every sum of them. */
function writeBack(packet: Descriptor, outcome: Outcome, from: usize, window: i32, headroom: i32): void {
  const pushed = max(0, -(<i64>outcome.startShift));
  const end = min(<i64>window, <i64>packet.length + max(0, <i64>outcome.endShift));
  if (pushed > headroom || <i64>packet.frame - pushed < <i64>lowestFrame(packet)) return;
  if (packet.frame + end > <i64>slotEnd(packet)) return;
  copyExactly(packet.frame - <u32>pushed, from - <u32>pushed, <i32>(pushed + end));
}

/** As memory.copy, which costs more than all the rest for so few bytes. The last 16 bytes may be copied twice. */
function copyExactly(to: usize, from: usize, bytes: i32): void {
  const last = bytes - ALIGNMENT;
  if (last < 0) {
    memory.copy(to, from, bytes);
    return;
  }
  for (let at = 0; at < last; at += ALIGNMENT) v128.store(to + at, v128.load(from + at));
  v128.store(to + last, v128.load(from + last));
}
