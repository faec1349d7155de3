import { dissect } from './dissect.ts';
import { ETHERNET_BYTES } from './fields.ts';
import {
  LINK_ETHERNET,
  REASON_BAD_EDIT,
  REASON_BAD_OFFLOAD,
  REASON_NO_HEADROOM,
  VNET_FLAG_NEEDS_CSUM,
} from './layout.ts';
import { Descriptor, Outcome, Port, Stage } from './records.ts';
import { lowestFrame, slotEnd } from './slot.ts';

/**
 * Takes in what a filter changed: moves the frame's ends as the outcome says and dissects it again. Returns the REASON_*
 * for which that cannot be, with the descriptor as it was, or 0.
 */
export function applyShifts(stage: Stage, packet: Descriptor, outcome: Outcome): i32 {
  const link = Port.of(packet.inPort).link;
  if (outcome.startShift != 0 || outcome.endShift != 0) {
    const refusal = exceeds(stage, packet, outcome) || move(packet, outcome.startShift, outcome.endShift, link);
    if (refusal) return refusal;
  }
  dissect(changetype<usize>(packet), link);
  return 0;
}

/** Whether the ends lie where the filter had no bytes to write: there would be those of another packet. */
function exceeds(stage: Stage, packet: Descriptor, outcome: Outcome): i32 {
  if (-(<i64>outcome.startShift) > <i64>stage.headroom) return REASON_NO_HEADROOM;
  const end = <i64>packet.length + outcome.endShift;
  return outcome.endShift > 0 && end > <i64>stage.window ? REASON_BAD_EDIT : 0;
}

/** Shifts are whatever a filter wrote: 64-bit numbers hold every sum of them. */
function move(packet: Descriptor, startShift: i64, endShift: i64, link: i32): i32 {
  const start = <i64>packet.frame + startShift;
  const length = <i64>packet.length - startShift + endShift;
  if (start < <i64>lowestFrame(packet)) return REASON_NO_HEADROOM;
  if (start + length > <i64>slotEnd(packet)) return REASON_BAD_EDIT;
  if (length < (link == LINK_ETHERNET ? ETHERNET_BYTES : 1)) return REASON_BAD_EDIT;
  if (packet.vnetFlags & VNET_FLAG_NEEDS_CSUM) {
    const csumStart = <i64>packet.csumStart - startShift;
    if (csumStart < 0 || csumStart > 0xffff || csumStart + packet.csumOffset + 2 > length) return REASON_BAD_OFFLOAD;
    packet.csumStart = <u16>csumStart;
  }
  packet.wireLength = <u32>(packet.wireLength + length - packet.length);
  packet.frame = <u32>start;
  packet.length = <u32>length;
  return 0;
}
