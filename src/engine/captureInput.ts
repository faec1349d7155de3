import { LINK_ETHERNET, type LINK_IP, RECORD_FLAG_TRUNCATED } from '../../assembly/layout.ts';
import type { CaptureReader } from '../capture/captureReader.ts';
import { type Bytes, copyBytes } from '../capture/copy.ts';
import { LINKTYPE_ETHERNET, NO_IP, linkHeaderBytes, linkOf } from '../capture/linkType.ts';
import { Clock, NANOSECONDS } from '../capture/timestamp.ts';
import { TaplineError } from '../errors.ts';
import { Pace } from './capturePace.ts';
import type { PortState, SlotSource } from './engine.ts';
import { LENGTH_WORD, OFFSET_WORD, PORT_WORD, RECORD_WORDS, SLOT_WORD } from './records.ts';
import { STAMP_WORDS, TIME_LOW_WORD, WIRE_LENGTH_WORD } from './captureStamps.ts';

/** What of a capture file does not come into the line, and why. Such packets are not counted as read. */
export interface SkipCounts {
  /** Of a link type that no line carries. */
  linkType: number;
  /** Ethernet in a line of IP packets, or the other way round. */
  otherLink: number;
  /** Behind the link header (SLL, NULL, …) there is no IP packet. */
  notIp: number;
}

/** Packets and blocks that are passed in one turn without result: a line must not stand still for a file of rubbish. */
const PASS_LIMIT = 4096;
/** The packet cannot come into this line. */
const SKIP = -1;

/** A capture file as the source of a port's packets. */
export class CaptureInput {
  state: PortState = 'up';
  /** Why the file ended before its end. */
  failure: TaplineError | undefined;
  readonly skipped: SkipCounts = { linkType: 0, otherLink: 0, notIp: 0 };
  /** Whether the next turn will find something without anybody telling. */
  hasMore = true;

  readonly #port: number;
  readonly #link: typeof LINK_ETHERNET | typeof LINK_IP;
  readonly #reader: CaptureReader;
  readonly #slots: SlotSource;
  readonly #memory: Bytes;
  /** Undefined: packets come as fast as they can. */
  readonly #pace: Pace | undefined;
  readonly #clock = new Clock(NANOSECONDS);
  readonly #tell: () => void;
  readonly #readOffset: number;
  readonly #readBytes: number;
  /** Bytes of link header before the packet under the cursor, if that waits for its turn. */
  #headerBytes = SKIP;
  #timer: NodeJS.Timeout | undefined;
  #isAwaitingData = false;

  /** `tell` asks for another turn; it may be called from inside of one. */
  constructor(
    port: { readonly number: number; readonly link: typeof LINK_ETHERNET | typeof LINK_IP },
    reader: CaptureReader,
    speed: number,
    slots: SlotSource,
    memory: Bytes,
    tell: () => void,
  ) {
    this.#port = port.number;
    this.#link = port.link;
    this.#reader = reader;
    this.#slots = slots;
    this.#memory = memory;
    this.#pace = speed === Infinity ? undefined : new Pace(speed);
    this.#tell = tell;
    this.#readOffset = slots.readOffset(port.number);
    this.#readBytes = slots.readBytes(port.number);
  }

  /** Reads up to `limit` packets into slots, and their records and stamps to index `first` and following. */
  read(records: Uint32Array, stamps: Uint32Array, first: number, limit: number): number {
    this.hasMore = false;
    let count = 0;
    while (count < limit) {
      if (this.#headerBytes === SKIP && !this.#next()) return count;
      if (this.#pace !== undefined && !this.#isDue(this.#pace)) return count;
      const slot = this.#slots.take(this.#port);
      if (slot < 0) {
        this.#slots.awaitSlot(this.#port, this.#tell);
        return count;
      }
      this.#put(slot, records, (first + count) * RECORD_WORDS, stamps, (first + count) * STAMP_WORDS);
      this.#headerBytes = SKIP;
      count++;
    }
    this.hasMore = true;
    return count;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Moves the cursor to the next packet for this line; false when there is none now. */
  #next(): boolean {
    const reader = this.#reader;
    try {
      for (let passed = 0; passed < PASS_LIMIT; passed++) {
        if (!reader.next(PASS_LIMIT)) return this.#stop();
        this.#headerBytes = this.#judge();
        if (this.#headerBytes !== SKIP) return true;
      }
    } catch (error) {
      if (!(error instanceof TaplineError)) throw error;
      this.failure = error;
      this.state = 'finished';
      return false;
    }
    this.hasMore = true;
    return false;
  }

  #stop(): false {
    if (this.#reader.isEnded) {
      this.state = 'finished';
    } else if (!this.#isAwaitingData) {
      this.#isAwaitingData = true;
      this.#reader.awaitData(() => {
        this.#isAwaitingData = false;
        this.#tell();
      });
    }
    return false;
  }

  /** Bytes of link header before the packet under the cursor, or SKIP. */
  #judge(): number {
    const { interfaces, interface: index, view, dataOffset, length } = this.#reader;
    const linkType = interfaces[index]?.linkType ?? -1;
    if (linkType === LINKTYPE_ETHERNET && this.#link === LINK_ETHERNET) return 0;
    const link = linkOf(linkType);
    if (link === null) {
      this.skipped.linkType++;
      return SKIP;
    }
    if ((link === 'ethernet') !== (this.#link === LINK_ETHERNET)) {
      this.skipped.otherLink++;
      return SKIP;
    }
    const headerBytes = linkHeaderBytes(linkType, view, dataOffset, length);
    if (headerBytes === NO_IP) this.skipped.notIp++;
    return headerBytes === NO_IP ? SKIP : headerBytes;
  }

  #isDue(pace: Pace): boolean {
    const waitMs = pace.waitMs(this.#reader.seconds, this.#reader.nanoseconds);
    if (waitMs === 0) return true;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, waitMs);
    return false;
  }

  /** Copies the packet under the cursor. What is too long for a slot is cut and flagged: the line drops it as truncated. */
  #put(slot: number, records: Uint32Array, word: number, stamps: Uint32Array, stamp: number): void {
    const reader = this.#reader;
    const headerBytes = this.#headerBytes;
    const packetBytes = reader.length - headerBytes;
    const length = Math.min(packetBytes, this.#readBytes);
    const address = this.#slots.address(slot) + this.#readOffset;
    copyBytes(reader, reader.dataOffset + headerBytes, this.#memory, address, length);
    records[word + SLOT_WORD] = slot;
    records[word + PORT_WORD] = this.#port | (length === this.#readBytes ? RECORD_FLAG_TRUNCATED : 0);
    records[word + LENGTH_WORD] = length;
    records[word + OFFSET_WORD] = this.#readOffset;
    this.#clock.write(stamps, stamp + TIME_LOW_WORD, reader.seconds, reader.nanoseconds);
    stamps[stamp + WIRE_LENGTH_WORD] = Math.max(packetBytes, reader.wireLength - headerBytes);
  }
}
