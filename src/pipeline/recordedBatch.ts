import { BATCH_COUNT } from '../../assembly/layout.ts';
import { type Bytes, copyBytes } from '../capture/copy.ts';

/**
 * Copies of the packets of a batch, in their order. A packet has one piece, or, where super-packets are cut, one for each
 * segment.
 */
export class RecordedBatch {
  memory: Bytes = bytesOf(2 ** 16);
  #used = 0;
  #packets = 0;
  #pieces = 0;
  /** By packet, and one behind the last: its first piece. */
  readonly #firsts = new Uint32Array(BATCH_COUNT + 1);
  /** By piece, and one behind the last: where it begins. */
  #starts = new Uint32Array(BATCH_COUNT + 1);
  #wireLengths = new Uint32Array(BATCH_COUNT);

  clear(): void {
    this.#used = 0;
    this.#packets = 0;
    this.#pieces = 0;
  }

  /** Adds a piece of the packet at hand. */
  add(from: Bytes, start: number, length: number, wireLength: number): void {
    this.#reserve(length);
    copyBytes(from, start, this.memory, this.#used, length);
    this.#used += length;
    this.#wireLengths[this.#pieces++] = wireLength;
    this.#starts[this.#pieces] = this.#used;
  }

  /** The packet at hand has no more pieces. */
  endPacket(): void {
    this.#firsts[++this.#packets] = this.#pieces;
  }

  firstPiece(packet: number): number {
    return this.#firsts[packet] ?? 0;
  }

  start(piece: number): number {
    return this.#starts[piece] ?? 0;
  }

  wireLength(piece: number): number {
    return this.#wireLengths[piece] ?? 0;
  }

  /** A batch of super-packets has 16 MiB, and may have some hundred thousand segments; most have a hundredth of it. */
  #reserve(length: number): void {
    if (this.#pieces === this.#wireLengths.length) {
      this.#starts = grown(this.#starts, 2 * this.#pieces + 1);
      this.#wireLengths = grown(this.#wireLengths, 2 * this.#pieces);
    }
    const needed = this.#used + length;
    if (needed <= this.memory.bytes.length) return;
    const larger = bytesOf(Math.max(needed, 2 * this.memory.bytes.length));
    larger.bytes.set(this.memory.bytes);
    this.memory = larger;
  }
}

function grown(values: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(values);
  return larger;
}

function bytesOf(length: number): Bytes {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
