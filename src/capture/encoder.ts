import type { RecordTime } from './record.ts';

/** An interface as a file shall describe it. */
export interface WrittenInterface {
  /** if_name; pcap has no room for it. */
  readonly name: string;
  /** LINKTYPE_*; all interfaces of a pcap file have the same one. */
  readonly linkType: number;
  /** Most bytes that are kept of a packet, 1 to 262,144. Default: all. */
  readonly snapLength?: number;
}

/** A packet as it is to be written, without its bytes. */
export interface PacketHead extends RecordTime {
  interface: number;
  /** Bytes that are kept, and bytes on the wire. */
  length: number;
  wireLength: number;
  /** The lowest bits of epb_flags: 0 not known, 1 inbound, 2 outbound. */
  flags: number;
  /** UTF-8, or null. */
  comment: Uint8Array | null;
}

/** What an interface counted, for the end of a file. */
export interface InterfaceCounts extends RecordTime {
  /** Packets that were to be captured, and of these the ones that were not. */
  received: number;
  dropped: number;
}

/** How packets are written in a format. */
export interface Encoder {
  /** What the file begins with. */
  begin(): Uint8Array;
  /** Bytes of a whole record. */
  recordBytes(head: PacketHead): number;
  /** Writes a record to `view[offset]`, all but the packet's bytes. Returns where these belong. */
  encode(view: DataView, offset: number, head: PacketHead): number;
  /** Bytes of the record at `view[offset]`, which `encode` wrote. */
  lengthAt(view: DataView, offset: number): number;
  /** What the file ends with. */
  end(counts: readonly InterfaceCounts[]): Uint8Array;
}
