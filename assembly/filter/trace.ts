import {
  TRACE_COUNT,
  TRACE_HEADER_BYTES,
  TRACE_MESSAGE,
  TRACE_PACKET,
  TRACE_RECORD_BYTES,
  TRACE_VALUES,
} from '../abi.ts';
import { cursor, traceAddress } from './batch.ts';

/**
 * Says something about the packet at hand, with up to three numbers; only in debug builds. The text must be a literal:
 * the compiler transform moves it into the manifest and leaves its number, so that no text is handled per packet. In a
 * release build a trace is an error.
 */
export function trace<Message>(message: Message, first: f64 = 0, second: f64 = 0, third: f64 = 0): void {
  if (!isInteger<Message>()) ERROR('trace takes a text literal, and needs the transform of tapline');
  const ring = traceAddress();
  if (ring == 0) return;
  const count = load<u32>(ring);
  const record = ring + TRACE_HEADER_BYTES + (count % TRACE_COUNT) * TRACE_RECORD_BYTES;
  store<u32>(record, cursor(), TRACE_PACKET);
  store<u32>(record, changetype<u32>(message), TRACE_MESSAGE);
  store<f64>(record, first, TRACE_VALUES);
  store<f64>(record, second, TRACE_VALUES + 8);
  store<f64>(record, third, TRACE_VALUES + 16);
  store<u32>(ring, count + 1);
}
