import { PACKET_MALFORMED } from '../layout.ts';
import { Descriptor } from '../records.ts';

// How a dissection ends: with a payload, well or early.

/** The largest payload length that the descriptor can hold; it then means "up to the frame's end". */
const PAYLOAD_LENGTH_LIMIT = 0xffff;

/** Nothing more is walked: what lies from `payload` to `end` is payload. */
export function endWith(packet: Descriptor, payload: i32, end: i32): void {
  packet.payload = <u16>payload;
  packet.payloadLength = <u16>min(max(end - payload, 0), PAYLOAD_LENGTH_LIMIT);
}

/** The header at `payload` cannot be dissected for the reason `malformed` (MALFORMED_*). */
export function endEarly(packet: Descriptor, malformed: i32, payload: i32, end: i32): void {
  packet.flags |= PACKET_MALFORMED;
  packet.malformed = <u8>malformed;
  endWith(packet, payload, end);
}
