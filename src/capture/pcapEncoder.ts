import type { Encoder, PacketHead, WrittenInterface } from './encoder.ts';
import { FILE_HEADER_BYTES, putPcapHeader } from './pcapHeader.ts';
import { CAPTURED_LENGTH, FRACTION, MAXIMUM_SNAP_LENGTH, ORIGINAL_LENGTH, RECORD_HEADER_BYTES } from './pcapRecords.ts';

/** Writes pcap: `pcapHeader.ts` and `pcapRecords.ts` draw it. There is no room for directions, comments and counters. */
export class PcapEncoder implements Encoder {
  readonly #interface: WrittenInterface;
  readonly #isLittleEndian: boolean;
  readonly #isNanoseconds: boolean;

  /** @param only the interface, or the first of several that have one link type */
  constructor(only: WrittenInterface, isLittleEndian: boolean, isNanoseconds: boolean) {
    this.#interface = only;
    this.#isLittleEndian = isLittleEndian;
    this.#isNanoseconds = isNanoseconds;
  }

  begin(): Uint8Array {
    const header = new Uint8Array(FILE_HEADER_BYTES);
    const { linkType, snapLength = MAXIMUM_SNAP_LENGTH } = this.#interface;
    putPcapHeader(new DataView(header.buffer), { linkType, snapLength }, this.#isLittleEndian, this.#isNanoseconds);
    return header;
  }

  recordBytes({ length }: PacketHead): number {
    return RECORD_HEADER_BYTES + length;
  }

  encode(view: DataView, offset: number, head: PacketHead): number {
    const isLittleEndian = this.#isLittleEndian;
    const fraction = this.#isNanoseconds ? head.nanoseconds : Math.floor(head.nanoseconds / 1000);
    view.setUint32(offset, clampSeconds(head.seconds), isLittleEndian);
    view.setUint32(offset + FRACTION, fraction, isLittleEndian);
    view.setUint32(offset + CAPTURED_LENGTH, head.length, isLittleEndian);
    view.setUint32(offset + ORIGINAL_LENGTH, head.wireLength, isLittleEndian);
    return offset + RECORD_HEADER_BYTES;
  }

  lengthAt(view: DataView, offset: number): number {
    return RECORD_HEADER_BYTES + view.getUint32(offset + CAPTURED_LENGTH, this.#isLittleEndian);
  }

  end(): Uint8Array {
    return new Uint8Array();
  }
}

/** The format tells 1970 to 2106. */
function clampSeconds(seconds: number): number {
  return Math.max(0, Math.min(0xffff_ffff, seconds));
}
