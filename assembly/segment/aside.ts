import {
  ACTIVE_OFFSET,
  ASIDE_DESCRIPTORS_OFFSET,
  ASIDE_OUTCOMES_OFFSET,
  BATCH_COUNT,
  DESCRIPTORS_OFFSET,
  DESCRIPTOR_BYTES,
  INDEX_BYTES,
  OUTCOMES_OFFSET,
  OUTCOME_BYTES,
  PORTION_CLOSED,
  PORTION_FOR_FILTERS,
  REASON_CLOSED,
  REASON_NEEDS_SEGMENTATION,
  REASON_NO_SLOT,
  SEGMENT_PORT,
  STOCK_OFFSET,
  VERDICT_CONTINUE,
  VERDICT_DROP,
} from '../layout.ts';
import { portOf } from '../portOf.ts';
import { dropFor } from '../reasons.ts';
import { Aside, Descriptor, Outcome, Port } from '../records.ts';
import { isSuper, refusal } from '../refusal.ts';
import { cuttingRefusal, segmentCount } from './count.ts';
import { cut, lastFrame } from './cut.ts';

// A batch with super-packets that must be cut is set aside, and comes back in portions of up to BATCH_COUNT packets, in
// the old order, with segments in the place of super-packets. Each portion is a batch like any other. A super-packet
// becomes its last segment, in its own slot; the others get slots of the segments' pool.

/** How many of the `count` active packets are super-packets. */
export function supers(count: i32): i32 {
  let found = 0;
  for (let place = 0; place < count; place++) {
    if (isSuper(Descriptor.of(<i32>load<u16>(ACTIVE_OFFSET + place * INDEX_BYTES)))) found++;
  }
  return found;
}

/** Sets packets `from` … `count` − 1 of the batch aside. */
export function setAside(from: i32, count: i32): void {
  const packets = count - from;
  const aside = Aside.get();
  aside.count = packets;
  aside.next = 0;
  aside.segment = 0;
  memory.copy(ASIDE_DESCRIPTORS_OFFSET, DESCRIPTORS_OFFSET + from * DESCRIPTOR_BYTES, packets * DESCRIPTOR_BYTES);
  memory.copy(ASIDE_OUTCOMES_OFFSET, OUTCOMES_OFFSET + from * OUTCOME_BYTES, packets * OUTCOME_BYTES);
}

/**
 * Makes a batch of the next packets that were set aside: one at least, unless none is left. Where no slot is free for a
 * segment the portion ends; if it would be empty, the rest of the super-packet is dropped with REASON_NO_SLOT.
 *
 * @param kind PORTION_*
 * @returns packets in the batch; how many of them are active, and how many were made, stands in the record
 */
export function portion(kind: i32): i32 {
  const aside = Aside.get();
  aside.active = 0;
  aside.made = 0;
  let index = 0;
  while (index < BATCH_COUNT && aside.isPending) {
    const packet = asideDescriptor(aside.next);
    const outcome = asideOutcome(aside.next);
    if (isToBeCut(packet, outcome, kind)) {
      const end = cutFrom(aside, packet, outcome, index);
      if (end > index) {
        index = end;
        continue;
      }
      if (index > 0) break;
      dropFor(outcome, REASON_NO_SLOT);
    }
    bringBack(aside, packet, outcome, index++);
  }
  return index;
}

/** Whether segments shall take the packet's place. What must be cut and cannot be is dropped here. */
function isToBeCut(packet: Descriptor, outcome: Outcome, kind: i32): bool {
  if (outcome.verdict == VERDICT_DROP) return false;
  if (kind == PORTION_CLOSED) dropFor(outcome, REASON_CLOSED);
  if (kind == PORTION_CLOSED || !isSuper(packet)) return false;
  const goesOn = kind == PORTION_FOR_FILTERS && outcome.verdict == VERDICT_CONTINUE;
  if (!goesOn && refusal(packet, portOf(packet, outcome)) != REASON_NEEDS_SEGMENTATION) return false;
  const reason = cuttingRefusal(packet);
  if (reason) dropFor(outcome, reason);
  return reason == 0;
}

/** Makes the next segments, as many as the batch has room for and slots are free. Returns the index behind them. */
function cutFrom(aside: Aside, packet: Descriptor, outcome: Outcome, index: i32): i32 {
  const count = segmentCount(packet);
  const pool = Port.of(SEGMENT_PORT);
  for (; index < BATCH_COUNT; index++) {
    const segment = Descriptor.of(index);
    const number = <i32>aside.segment;
    const isLast = number == count - 1;
    if (isLast) cut(packet, number, lastFrame(packet), segment);
    else {
      if (aside.stock == 0) return index;
      const slot = load<u16>(STOCK_OFFSET + --aside.stock * INDEX_BYTES);
      cut(packet, number, pool.slotAddress(slot) + pool.frameStart, segment);
      segment.slot = slot;
      aside.made++;
    }
    list(aside, outcome, index);
    if (isLast) {
      aside.next++;
      aside.segment = 0;
      return index + 1;
    }
    aside.segment++;
  }
  return index;
}

/** The packet goes back into the batch as it was. */
function bringBack(aside: Aside, packet: Descriptor, outcome: Outcome, index: i32): void {
  memory.copy(changetype<usize>(Descriptor.of(index)), changetype<usize>(packet), DESCRIPTOR_BYTES);
  list(aside, outcome, index);
  aside.next++;
  aside.segment = 0;
}

/** Gives packet `index` its outcome; filters shall see it if none has decided. */
function list(aside: Aside, outcome: Outcome, index: i32): void {
  memory.copy(changetype<usize>(Outcome.of(index)), changetype<usize>(outcome), OUTCOME_BYTES);
  if (outcome.verdict == VERDICT_CONTINUE) store<u16>(ACTIVE_OFFSET + aside.active++ * INDEX_BYTES, <u16>index);
}

function asideDescriptor(place: u32): Descriptor {
  return Descriptor.at(ASIDE_DESCRIPTORS_OFFSET + place * DESCRIPTOR_BYTES);
}

function asideOutcome(place: u32): Outcome {
  return Outcome.at(ASIDE_OUTCOMES_OFFSET + place * OUTCOME_BYTES);
}
