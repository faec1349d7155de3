import { BATCH_COUNT, RECORD_FLAG_TRUNCATED } from '../../assembly/layout.ts';
import type { EnginePort, SlotSource } from './engine.ts';
import { LENGTH_WORD, OFFSET_WORD, PORT_WORD, RECORD_WORDS, RecordRing, SLOT_WORD, recordArray } from './records.ts';

/** Frames that a memory port holds in each direction before it refuses more, those in the reader's hands included. */
export const QUEUE_COUNT = 2 * BATCH_COUNT;

/**
 * Frames that came out of a memory port. The views lie in the arena: they are valid until the next batch is taken, the
 * loop over batches is left, or the line closes. Who needs one longer copies it (`frame.slice()`).
 */
export interface FrameBatch extends Iterable<Uint8Array> {
  readonly length: number;
  /**
   * Frame `index`, 0 to `length` − 1.
   *
   * @throws {RangeError} when there is no such frame
   * @throws {TypeError} when the batch has ended
   */
  frame(index: number): Uint8Array;
}

/** A port whose other side is this process: `offer` puts frames into the line, `receive` takes out what it forwards. */
export class MemoryPort implements EnginePort {
  readonly number: number;
  readonly name: string;
  isOpen = true;

  readonly #slots: SlotSource;
  readonly #ready: () => void;
  readonly #inbox = new RecordRing(QUEUE_COUNT);
  readonly #outbox = new RecordRing(QUEUE_COUNT);
  /** Records of the batch that the reader holds. */
  readonly #reading = recordArray(BATCH_COUNT);
  #readingCount = 0;
  /** Counts batches, so that one that has ended is not taken for the one at hand. */
  #batchNumber = 0;
  /** Records with which the reader has finished. */
  readonly #returned = new RecordRing(2 * QUEUE_COUNT);
  readonly #record = recordArray(1);
  #onFrames: () => void = () => undefined;
  #onRoom: () => void = () => undefined;
  readonly #tellRoom = (): void => {
    this.#onRoom();
  };

  /** @param ready tells the line that there is something to take */
  constructor(port: EnginePort, slots: SlotSource, ready: () => void) {
    this.number = port.number;
    this.name = port.name;
    this.#slots = slots;
    this.#ready = ready;
  }

  // ── The user's side ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Bytes of the longest frame that `offer` takes, virtio header included where the port has one. */
  get frameBytes(): number {
    return this.#slots.readBytes(this.number) - 1;
  }

  /**
   * Copies a frame into the line; false when there is no room just now. What is longer than `frameBytes` is cut, as a
   * read into too small a buffer would be, and the line drops it as `truncated`.
   */
  offer(frame: Uint8Array): boolean {
    if (!this.isOpen || this.#inbox.count === QUEUE_COUNT) return false;
    const slot = this.#slots.take(this.number);
    if (slot < 0) {
      this.#slots.awaitSlot(this.number, this.#tellRoom);
      return false;
    }
    const offset = this.#slots.readOffset(this.number);
    const room = this.#slots.readBytes(this.number);
    const isCut = frame.length >= room;
    this.#slots.bytes.set(isCut ? frame.subarray(0, room) : frame, this.#slots.address(slot) + offset);
    this.#record[SLOT_WORD] = slot;
    this.#record[PORT_WORD] = this.number | (isCut ? RECORD_FLAG_TRUNCATED : 0);
    this.#record[LENGTH_WORD] = isCut ? room : frame.length;
    this.#record[OFFSET_WORD] = offset;
    this.#inbox.push(this.#record, 0);
    this.#ready();
    return true;
  }

  /** The next frames, BATCH_COUNT at most, or null when there are none. Gives the batch before back to the line. */
  receive(): FrameBatch | null {
    this.giveBack();
    while (this.#readingCount < BATCH_COUNT && this.#outbox.shift(this.#reading, this.#readingCount * RECORD_WORDS)) {
      this.#readingCount++;
    }
    return this.#readingCount === 0 ? null : this.#batch();
  }

  /** Registers who is told that frames came out, and that there is room again. */
  watch(onFrames: () => void, onRoom: () => void): void {
    this.#onFrames = onFrames;
    this.#onRoom = onRoom;
  }

  /** Ends the batch in the reader's hands. */
  giveBack(): void {
    if (this.#readingCount === 0) return;
    for (let i = 0; i < this.#readingCount; i++) this.#returned.push(this.#reading, i * RECORD_WORDS);
    this.#readingCount = 0;
    this.#batchNumber++;
    if (this.isOpen) this.#ready();
  }

  #batch(): FrameBatch {
    const length = this.#readingCount;
    const number = this.#batchNumber;
    const frame = (index: number): Uint8Array => {
      if (number !== this.#batchNumber) throw new TypeError('Cannot read a frame of a batch that has ended: copy it');
      if (!(index >= 0 && index < length)) throw new RangeError(`There is no frame ${index} in a batch of ${length}`);
      const word = index * RECORD_WORDS;
      const start =
        this.#slots.address(this.#reading[word + SLOT_WORD] ?? 0) + (this.#reading[word + OFFSET_WORD] ?? 0);
      return this.#slots.bytes.subarray(start, start + (this.#reading[word + LENGTH_WORD] ?? 0));
    };
    return {
      length,
      frame,
      *[Symbol.iterator]() {
        for (let i = 0; i < length; i++) yield frame(i);
      },
    };
  }

  // ── The engine's side ──────────────────────────────────────────────────────────────────────────────────────────────

  get inCount(): number {
    return this.#inbox.count;
  }

  /** Outbound records that have no completion yet. */
  get pendingCount(): number {
    return this.#outbox.count + this.#readingCount + this.#returned.count;
  }

  /** Moves up to `limit` offered frames to `records`, from record `first` on. Returns how many. */
  takeOffered(records: Uint32Array, first: number, limit: number): number {
    let count = 0;
    while (count < limit && this.#inbox.shift(records, (first + count) * RECORD_WORDS)) count++;
    if (count > 0) this.#onRoom();
    return count;
  }

  /** Hands a frame to the reader; false when it has too many already. */
  deliver(records: Uint32Array, word: number): boolean {
    const wasEmpty = this.#outbox.count === 0;
    if (this.#outbox.count + this.#readingCount === QUEUE_COUNT) return false;
    this.#outbox.push(records, word);
    if (wasEmpty) this.#onFrames();
    return true;
  }

  /** Moves a record with which the reader has finished; false when there is none. */
  takeReturned(records: Uint32Array, word: number): boolean {
    return this.#returned.shift(records, word);
  }

  /** Moves a record that nobody received; false when there is none. For closing. */
  takeUnread(records: Uint32Array, word: number): boolean {
    return this.#outbox.shift(records, word);
  }

  /** Takes no more frames, ends the batch in the reader's hands, and gives unread offers back to their pool. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.giveBack();
    while (this.#inbox.shift(this.#record, 0)) this.#slots.release(this.#record[SLOT_WORD] ?? 0);
    this.#onFrames();
    this.#onRoom();
    this.#ready();
  }
}
