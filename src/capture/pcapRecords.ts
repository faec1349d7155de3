import { PACKET, type PacketRecord, type RecordFormat, type Step } from './record.ts';
import { ENDED, READY, type Window } from './window.ts';

/**
 * A packet record of a pcap file: draft-ietf-opsawg-pcap, section 5.
 *
 *      0 ┌───────────────────────────────┐
 *        │            seconds            │
 *      4 ├───────────────────────────────┤
 *        │  microseconds or nanoseconds  │
 *      8 ├───────────────────────────────┤
 *        │        captured length        │
 *     12 ├───────────────────────────────┤
 *        │        original length        │
 *     16 ├───────────────────────────────┤
 *        │             data              │
 *        └───────────────────────────────┘
 */
export const RECORD_HEADER_BYTES = 16;
export const FRACTION = 4;
export const CAPTURED_LENGTH = 8;
export const ORIGINAL_LENGTH = 12;

/** What libpcap captures of a packet at most, whatever was asked for: MAXIMUM_SNAPLEN. */
export const MAXIMUM_SNAP_LENGTH = 262_144;
/** A file that announces longer packets may have them, up to here. */
const LONGEST_PACKET = 16 * 2 ** 20;

/** Reads the packet records of a pcap file. */
export class PcapRecords implements RecordFormat {
  readonly #window: Window;
  readonly #isLittleEndian: boolean;
  /** Fractions in a second, and nanoseconds in a fraction. */
  readonly #perSecond: number;
  readonly #nanoseconds: number;
  readonly #longest: number;

  constructor(window: Window, isLittleEndian: boolean, isNanoseconds: boolean, snapLength: number) {
    this.#window = window;
    this.#isLittleEndian = isLittleEndian;
    this.#perSecond = isNanoseconds ? 1_000_000_000 : 1_000_000;
    this.#nanoseconds = isNanoseconds ? 1 : 1000;
    this.#longest = Math.min(LONGEST_PACKET, Math.max(MAXIMUM_SNAP_LENGTH, snapLength));
  }

  step(record: PacketRecord): Step {
    const window = this.#window;
    const isLittleEndian = this.#isLittleEndian;
    if (window.available < RECORD_HEADER_BYTES) {
      const fill = window.fill(RECORD_HEADER_BYTES);
      if (fill !== READY) return fill === ENDED ? this.#end(RECORD_HEADER_BYTES) : fill;
    }
    const length = window.view.getUint32(window.position + CAPTURED_LENGTH, isLittleEndian);
    if (length > this.#longest) throw window.damage(`a packet of ${length} bytes is longer than ${this.#longest}`);
    const recordBytes = RECORD_HEADER_BYTES + length;
    if (window.available < recordBytes) {
      const fill = window.fill(recordBytes);
      if (fill !== READY) return fill === ENDED ? this.#end(recordBytes) : fill;
    }
    const { view, position } = window;
    record.dataOffset = position + RECORD_HEADER_BYTES;
    record.length = length;
    record.wireLength = view.getUint32(position + ORIGINAL_LENGTH, isLittleEndian);
    record.seconds = view.getUint32(position, isLittleEndian);
    this.#setFraction(record, view.getUint32(position + FRACTION, isLittleEndian));
    window.position = position + recordBytes;
    return PACKET;
  }

  /** A fraction of a second or more is against the rules, and what it means is plain. */
  #setFraction(record: PacketRecord, fraction: number): void {
    if (fraction >= this.#perSecond) {
      const seconds = Math.floor(fraction / this.#perSecond);
      record.seconds += seconds;
      fraction -= seconds * this.#perSecond;
    }
    record.nanoseconds = fraction * this.#nanoseconds;
  }

  #end(wanted: number): Step {
    const { available } = this.#window;
    if (available > 0)
      throw this.#window.damage(`it ends within a packet: ${available} of at least ${wanted} bytes are there`);
    return ENDED;
  }
}
