import { createHash } from 'node:crypto';

const CHUNK_BYTES = 1 << 20;

/** Bytes that never repeat within any window that a network could confuse: SHA-256 of a counter, chunk by chunk. */
export function* patternChunks(bytes) {
  for (let done = 0; done < bytes; done += CHUNK_BYTES) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const seed = createHash('sha256').update(`${done}`).digest();
    for (let i = 0; i < CHUNK_BYTES; i += 4)
      chunk.writeUInt32LE((seed.readUInt32LE(i & 28) ^ (i * 2654435761)) >>> 0, i);
    yield chunk.subarray(0, Math.min(CHUNK_BYTES, bytes - done));
  }
}
