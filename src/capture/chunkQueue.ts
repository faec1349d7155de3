/** Bytes that arrived in pieces and are taken out in pieces of other sizes. */
export class ChunkQueue {
  readonly #chunks: Uint8Array[] = [];
  /** Bytes of the first chunk that were taken. */
  #taken = 0;
  /** Bytes in the queue. */
  length = 0;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  /** Moves up to `length` bytes to `target[offset]`. Returns how many. */
  take(target: Uint8Array, offset: number, length: number): number {
    let count = 0;
    while (count < length) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) break;
      const part = chunk.subarray(this.#taken, this.#taken + length - count);
      target.set(part, offset + count);
      count += part.length;
      this.#taken += part.length;
      if (this.#taken === chunk.length) {
        this.#chunks.shift();
        this.#taken = 0;
      }
    }
    this.length -= count;
    return count;
  }
}
