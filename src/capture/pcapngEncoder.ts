import {
  ENHANCED_PACKET_BLOCK,
  INTERFACE_DESCRIPTION_BLOCK,
  INTERFACE_STATISTICS_BLOCK,
  BODY,
  TOTAL_LENGTH,
  padded,
} from './block.ts';
import { buildBlock, putOption } from './blockBuilder.ts';
import type { Encoder, InterfaceCounts, PacketHead, WrittenInterface } from './encoder.ts';
import {
  IF_NAME,
  IF_TSRESOL,
  INTERFACE_LINK_TYPE,
  INTERFACE_OPTIONS,
  INTERFACE_SNAP_LENGTH,
} from './interfaceBlock.ts';
import { SECTION_HEADER_BLOCK } from './magic.ts';
import { OPTION_COMMENT, OPTION_END, OPTION_HEADER_BYTES } from './options.ts';
import {
  EPB_FLAGS,
  PACKET_BLOCK_BYTES,
  PACKET_CAPTURED_LENGTH,
  PACKET_DATA,
  PACKET_INTERFACE,
  PACKET_ORIGINAL_LENGTH,
  PACKET_TIME_HIGH,
  PACKET_TIME_LOW,
} from './packetBlock.ts';
import { BYTE_ORDER, BYTE_ORDER_MAGIC, MAJOR_VERSION, SECTION_LENGTH, SECTION_OPTIONS } from './section.ts';
import {
  ISB_IFDROP,
  ISB_IFRECV,
  STATISTICS_INTERFACE,
  STATISTICS_OPTIONS,
  STATISTICS_TIME_HIGH,
  STATISTICS_TIME_LOW,
} from './statisticsBlock.ts';
import { Clock, MICROSECONDS, NANOSECONDS } from './timestamp.ts';

const SHB_USERAPPL = 4;
const FLAGS_OPTION_BYTES = OPTION_HEADER_BYTES + 4;

/** Writes pcapng: one section; `section.ts`, `interfaceBlock.ts`, `packetBlock.ts`, `statisticsBlock.ts` draw its blocks. */
export class PcapngEncoder implements Encoder {
  readonly #interfaces: readonly WrittenInterface[];
  readonly #application: string;
  readonly #isLittleEndian: boolean;
  readonly #resolution: number;
  readonly #clock: Clock;
  /** A time in units, low word first. */
  readonly #time = new Uint32Array(2);

  constructor(
    interfaces: readonly WrittenInterface[],
    application: string,
    isLittleEndian: boolean,
    isNanoseconds: boolean,
  ) {
    this.#interfaces = interfaces;
    this.#application = application;
    this.#isLittleEndian = isLittleEndian;
    this.#resolution = isNanoseconds ? NANOSECONDS : MICROSECONDS;
    this.#clock = new Clock(this.#resolution);
  }

  begin(): Uint8Array {
    return Buffer.concat([this.#section(), ...this.#interfaces.map((described) => this.#interface(described))]);
  }

  recordBytes({ length, flags, comment }: PacketHead): number {
    return PACKET_BLOCK_BYTES + padded(length) + optionBytes(flags, comment);
  }

  encode(view: DataView, offset: number, head: PacketHead): number {
    const isLittleEndian = this.#isLittleEndian;
    const blockBytes = this.recordBytes(head);
    this.#clock.write(this.#time, 0, head.seconds, head.nanoseconds);
    view.setUint32(offset, ENHANCED_PACKET_BLOCK, isLittleEndian);
    view.setUint32(offset + TOTAL_LENGTH, blockBytes, isLittleEndian);
    view.setUint32(offset + PACKET_INTERFACE, head.interface, isLittleEndian);
    view.setUint32(offset + PACKET_TIME_HIGH, this.#time[1] ?? 0, isLittleEndian);
    view.setUint32(offset + PACKET_TIME_LOW, this.#time[0] ?? 0, isLittleEndian);
    view.setUint32(offset + PACKET_CAPTURED_LENGTH, head.length, isLittleEndian);
    view.setUint32(offset + PACKET_ORIGINAL_LENGTH, head.wireLength, isLittleEndian);
    const data = offset + PACKET_DATA;
    let end = data + head.length;
    for (; (end - data) % 4 !== 0; end++) view.setUint8(end, 0);
    if (head.flags !== 0 || head.comment !== null) end = this.#putOptions(view, end, head);
    view.setUint32(end, blockBytes, isLittleEndian);
    return data;
  }

  lengthAt(view: DataView, offset: number): number {
    return view.getUint32(offset + TOTAL_LENGTH, this.#isLittleEndian);
  }

  end(counts: readonly InterfaceCounts[]): Uint8Array {
    return Buffer.concat(counts.map((count, id) => this.#statistics(count, id)));
  }

  #putOptions(view: DataView, offset: number, { flags, comment }: PacketHead): number {
    const isLittleEndian = this.#isLittleEndian;
    let end = offset;
    if (flags !== 0) {
      view.setUint16(end, EPB_FLAGS, isLittleEndian);
      view.setUint16(end + 2, 4, isLittleEndian);
      view.setUint32(end + OPTION_HEADER_BYTES, flags, isLittleEndian);
      end += FLAGS_OPTION_BYTES;
    }
    if (comment !== null) end = putOption(view, end, OPTION_COMMENT, comment, isLittleEndian);
    view.setUint32(end, OPTION_END, isLittleEndian);
    return end + OPTION_HEADER_BYTES;
  }

  #section(): Uint8Array {
    const fields = fieldsOf(SECTION_OPTIONS);
    fields.setUint32(BYTE_ORDER - BODY, BYTE_ORDER_MAGIC, this.#isLittleEndian);
    fields.setUint16(MAJOR_VERSION - BODY, 1, this.#isLittleEndian);
    fields.setBigInt64(SECTION_LENGTH - BODY, -1n, this.#isLittleEndian);
    return this.#block(SECTION_HEADER_BLOCK, fields, [{ code: SHB_USERAPPL, value: this.#application }]);
  }

  #interface({ name, linkType, snapLength = 0 }: WrittenInterface): Uint8Array {
    const fields = fieldsOf(INTERFACE_OPTIONS);
    fields.setUint16(INTERFACE_LINK_TYPE - BODY, linkType, this.#isLittleEndian);
    fields.setUint32(INTERFACE_SNAP_LENGTH - BODY, snapLength, this.#isLittleEndian);
    return this.#block(INTERFACE_DESCRIPTION_BLOCK, fields, [
      { code: IF_NAME, value: name },
      { code: IF_TSRESOL, value: Uint8Array.of(this.#resolution) },
    ]);
  }

  #statistics(counts: InterfaceCounts, id: number): Uint8Array {
    const fields = fieldsOf(STATISTICS_OPTIONS);
    this.#clock.write(this.#time, 0, counts.seconds, counts.nanoseconds);
    fields.setUint32(STATISTICS_INTERFACE - BODY, id, this.#isLittleEndian);
    fields.setUint32(STATISTICS_TIME_HIGH - BODY, this.#time[1] ?? 0, this.#isLittleEndian);
    fields.setUint32(STATISTICS_TIME_LOW - BODY, this.#time[0] ?? 0, this.#isLittleEndian);
    return this.#block(INTERFACE_STATISTICS_BLOCK, fields, [
      { code: ISB_IFRECV, value: this.#number64(counts.received) },
      { code: ISB_IFDROP, value: this.#number64(counts.dropped) },
    ]);
  }

  #block(type: number, fields: DataView<ArrayBuffer>, options: Parameters<typeof buildBlock>[2]): Uint8Array {
    return buildBlock(type, new Uint8Array(fields.buffer), options, this.#isLittleEndian);
  }

  #number64(value: number): Uint8Array {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigUint64(0, BigInt(value), this.#isLittleEndian);
    return new Uint8Array(bytes.buffer);
  }
}

/** Room for the fixed fields of a block whose options begin at `end`. */
function fieldsOf(end: number): DataView<ArrayBuffer> {
  return new DataView(new ArrayBuffer(end - BODY));
}

function optionBytes(flags: number, comment: Uint8Array | null): number {
  if (flags === 0 && comment === null) return 0;
  const commentBytes = comment === null ? 0 : OPTION_HEADER_BYTES + padded(comment.length);
  return (flags === 0 ? 0 : FLAGS_OPTION_BYTES) + commentBytes + OPTION_HEADER_BYTES;
}
