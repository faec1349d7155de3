import type { Chunk } from './chunkWriter.ts';
import type { Encoder } from './encoder.ts';

/** What is whole of a chunk of which only the first `bytes` bytes were written: bytes that may stay, and their packets. */
export function wholeRecords(encoder: Encoder, chunk: Chunk, bytes: number): { bytes: number; records: number } {
  const whole = { bytes: chunk.recordsFrom <= bytes ? chunk.recordsFrom : 0, records: 0 };
  let next = chunk.recordsFrom;
  while (next < bytes) {
    next += encoder.lengthAt(chunk.view, next);
    if (next > bytes) break;
    whole.bytes = next;
    whole.records++;
  }
  return whole;
}
