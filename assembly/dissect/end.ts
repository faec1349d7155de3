import { PACKET_MALFORMED } from '../layout.ts';
import { Descriptor } from '../records.ts';

// How a dissection ends: with a payload, well or early.

/** The largest payload length that the descriptor can hold; it then means "up to the frame's end". */
const PAYLOAD_LENGTH_LIMIT = 0xffff;

/** Nothing more is walked: what lies from `payload` to `end` is payload. Returns `flags`. */
export function endWith(packet: Descriptor, flags: u32, payload: i32, end: i32): u32 {
  packet.payload = <u16>payload;
  const bytes = end - payload;
  packet.payloadLength = <u16>bytes;
  if (<u32>bytes > <u32>PAYLOAD_LENGTH_LIMIT) packet.payloadLength = bytes < 0 ? 0 : <u16>PAYLOAD_LENGTH_LIMIT;
  return flags;
}

/** The header at `payload` cannot be dissected for the reason `malformed` (MALFORMED_*). Returns the flags then. */
export function endEarly(packet: Descriptor, flags: u32, malformed: i32, payload: i32, end: i32): u32 {
  packet.malformed = <u8>malformed;
  return endWith(packet, flags | PACKET_MALFORMED, payload, end);
}
