import { TaplineError } from '../errors.ts';
import type { CaptureInterface } from './captureInterface.ts';
import { OPTION_COMMENT, OptionCursor } from './options.ts';
import { PACKET, PASSED, type PacketRecord, type RecordFormat, type Step } from './record.ts';
import type { ByteSource } from './source.ts';
import { ENDED, WAITING, type Window } from './window.ts';

/** Which way a packet went, seen from its interface; null where the file does not say. */
export type Direction = 'inbound' | 'outbound' | null;

/** The lowest two bits of epb_flags: pcapng, section 4.3.1. */
const directions: readonly Direction[] = [null, 'inbound', 'outbound', null];

/**
 * A cursor over the packets of a capture. `next` moves it; the fields then describe the packet under it, whose bytes are
 * `bytes[dataOffset]` and following. Fields and bytes are valid until the next call of `next`; nothing is allocated for a
 * packet.
 */
export class CaptureReader implements PacketRecord {
  /** What messages call the file. */
  readonly name: string;
  readonly format: 'pcap' | 'pcapng';
  /** The interfaces that were described so far, those of all sections one behind the other. */
  readonly interfaces: readonly CaptureInterface[];

  dataOffset = 0;
  length = 0;
  wireLength = 0;
  seconds = 0;
  nanoseconds = 0;
  interface = 0;
  flags = 0;
  droppedBefore = 0;
  optionsOffset = 0;
  optionsEnd = 0;

  /** Packets so far, the one under the cursor included. */
  packets = 0;
  /** There is nothing more: the end was reached, or something that cannot be read. */
  isEnded = false;
  /** Why reading ended before the end. */
  failure: TaplineError | undefined;

  readonly #window: Window;
  readonly #source: ByteSource;
  readonly #format: RecordFormat & { readonly isLittleEndian?: boolean };
  /** Whether the source had nothing when it was asked last. */
  #isStarved = false;

  /** `openCapture` makes one. */
  constructor(
    window: Window,
    source: ByteSource,
    kind: 'pcap' | 'pcapng',
    format: RecordFormat & { readonly isLittleEndian?: boolean },
    interfaces: readonly CaptureInterface[],
  ) {
    this.name = window.name;
    this.format = kind;
    this.interfaces = interfaces;
    this.#window = window;
    this.#source = source;
    this.#format = format;
  }

  /**
   * Moves to the next packet.
   *
   * @param passLimit blocks without a packet to be passed before it gives up for now; default: no limit
   * @returns false when there is no packet: none any more if `isEnded`, else none yet, and `awaitData` tells when to ask
   *   again. A file that is not compressed has always one, until it ends
   * @throws {TaplineError} `BAD_CAPTURE` or `SYSCALL`, once, when all that stands before was delivered
   */
  next(passLimit = Infinity): boolean {
    if (this.isEnded) return false;
    let step: Step = PASSED;
    try {
      for (let passed = 0; passed < passLimit && step === PASSED; passed++) step = this.#format.step(this);
    } catch (error) {
      throw this.#fail(error);
    }
    this.#isStarved = step === WAITING;
    if (step === PACKET) this.packets++;
    else this.isEnded = step === ENDED;
    return step === PACKET;
  }

  /** As `next`, but waits for a packet where `next` would say: none yet. */
  async advance(): Promise<boolean> {
    while (!this.next()) {
      if (this.isEnded) return false;
      await this.#data();
    }
    return true;
  }

  /** Calls back once, from the event loop, when `next` may have a packet. */
  awaitData(callback: () => void): void {
    if (this.#isStarved) this.#source.awaitData(callback);
    else setImmediate(callback);
  }

  /** Bytes that are in memory; a packet that is longer than any before makes it another array. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#window.bytes;
  }

  /** The same bytes. */
  get view(): DataView<ArrayBuffer> {
    return this.#window.view;
  }

  /** The packet's bytes, as a view: copy it (`slice`) to keep it. */
  packet(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(this.dataOffset, this.dataOffset + this.length);
  }

  /** Nanoseconds since 1970-01-01 UTC. A simple packet block of pcapng has no time: 0. */
  get timeNs(): bigint {
    return BigInt(this.seconds) * 1_000_000_000n + BigInt(this.nanoseconds);
  }

  get direction(): Direction {
    return directions[this.flags & 3] ?? null;
  }

  /** Comments on the packet. */
  comments(): string[] {
    const options = new OptionCursor();
    options.begin(this.view, this.optionsOffset, this.optionsEnd, this.#format.isLittleEndian ?? true);
    const comments: string[] = [];
    while (options.next()) if (options.code === OPTION_COMMENT) comments.push(options.text());
    return comments;
  }

  /** Where in the file (when it is compressed: in what it contains) reading goes on. */
  get offset(): number {
    return this.#window.offset;
  }

  /** How much of the file was read, 0 to 1; undefined for a pipe. */
  progress(): number | undefined {
    return this.#source.progress();
  }

  /** Ends reading, and closes the file. Idempotent. */
  close(): void {
    this.isEnded = true;
    this.#source.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** For `openCapture`: goes on until an interface is known, or the file ends. No packet can come before. */
  async findInterface(): Promise<void> {
    while (this.interfaces.length === 0 && !this.isEnded) {
      // Without an interface there is no packet that this could lose.
      this.next(1);
      if (this.#isStarved) await this.#data();
    }
  }

  #fail(error: unknown): unknown {
    this.isEnded = true;
    if (error instanceof TaplineError) this.failure = error;
    return error;
  }

  #data(): Promise<void> {
    return new Promise((resolve) => {
      this.awaitData(resolve);
    });
  }
}
