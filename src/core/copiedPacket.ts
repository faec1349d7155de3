import type { Packet } from './packet.ts';

/** A packet kept beyond the call: plain values that nobody changes. Fields as in `docs/words.md`. */
export interface CopiedPacket {
  readonly bytes: Uint8Array;
  readonly inPort: string;
  readonly length: number;
  readonly wireLength: number;
  readonly flags: number;
  readonly etherType: number;
  readonly protocol: number;
  readonly sourceAddress: string;
  readonly destinationAddress: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly l3Offset: number;
  readonly l4Offset: number;
  readonly payloadOffset: number;
  readonly payloadLength: number;
  readonly gsoSize: number;
  readonly segmentCount: number;
  readonly flowHash: number;
  readonly mark: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
}

/** Copies what a view shows just now. */
export function copyPacket(packet: Packet): CopiedPacket {
  return {
    bytes: packet.bytes.slice(),
    inPort: packet.inPort,
    length: packet.length,
    wireLength: packet.wireLength,
    flags: packet.flags,
    etherType: packet.etherType,
    protocol: packet.protocol,
    sourceAddress: packet.sourceAddress,
    destinationAddress: packet.destinationAddress,
    sourcePort: packet.sourcePort,
    destinationPort: packet.destinationPort,
    l3Offset: packet.l3Offset,
    l4Offset: packet.l4Offset,
    payloadOffset: packet.payloadOffset,
    payloadLength: packet.payloadLength,
    gsoSize: packet.gsoSize,
    segmentCount: packet.segmentCount,
    flowHash: packet.flowHash,
    mark: packet.mark,
    time: packet.time,
  };
}
