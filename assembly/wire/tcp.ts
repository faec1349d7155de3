import {
  TCP_ACKNOWLEDGEMENT,
  TCP_BYTES,
  TCP_CHECKSUM,
  TCP_DATA_OFFSET,
  TCP_DATA_OFFSET_SHIFT,
  TCP_DESTINATION_PORT,
  TCP_FLAGS,
  TCP_OPTIONS,
  TCP_SEQUENCE,
  TCP_SOURCE_PORT,
  TCP_URGENT,
  TCP_WINDOW,
} from '../fields.ts';

/**
 * TCP header, RFC 9293 3.1.
 *
 *     ┌───────────────┬───────────────┐
 *   0 │ source port   │ dest. port    │
 *     ├───────────────┴───────────────┤
 *   4 │ sequence number               │
 *     ├───────────────────────────────┤
 *   8 │ acknowledgement number        │
 *     ├───┬───┬───────┬───────────────┤
 *  12 │off│ 0 │ flags │ window        │   off: header length in units of 4 bytes
 *     ├───┴───┴───────┼───────────────┤
 *  16 │ checksum      │ urgent pointer│
 *     ├───────────────┴───────────────┤
 *  20 │ options: (off − 5) × 4 bytes  │
 *     └───────────────────────────────┘
 */
@unmanaged
export class Tcp {
  /** The header at `address`; the caller has checked that its 20 bytes are there. */
  @inline static at(address: usize): Tcp {
    return changetype<Tcp>(address);
  }

  rawSourcePort: u16;
  rawDestinationPort: u16;
  rawSequence: u32;
  rawAcknowledgement: u32;
  words: u8;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  flags: u8;
  rawWindow: u16;
  rawChecksum: u16;
  rawUrgent: u16;

  /** 0 to 65535. */
  get sourcePort(): u16 {
    return bswap(this.rawSourcePort);
  }

  /** 0 to 65535. */
  get destinationPort(): u16 {
    return bswap(this.rawDestinationPort);
  }

  /** Bytes of this header, options included: 0 to 60. */
  get headerBytes(): i32 {
    return ((<i32>this.words) >> TCP_DATA_OFFSET_SHIFT) << 2;
  }
}

if (
  offsetof<Tcp>() != TCP_BYTES ||
  offsetof<Tcp>() != TCP_OPTIONS ||
  offsetof<Tcp>('rawSourcePort') != TCP_SOURCE_PORT ||
  offsetof<Tcp>('rawDestinationPort') != TCP_DESTINATION_PORT ||
  offsetof<Tcp>('rawSequence') != TCP_SEQUENCE ||
  offsetof<Tcp>('rawAcknowledgement') != TCP_ACKNOWLEDGEMENT ||
  offsetof<Tcp>('words') != TCP_DATA_OFFSET ||
  offsetof<Tcp>('flags') != TCP_FLAGS ||
  offsetof<Tcp>('rawWindow') != TCP_WINDOW ||
  offsetof<Tcp>('rawChecksum') != TCP_CHECKSUM ||
  offsetof<Tcp>('rawUrgent') != TCP_URGENT
) {
  ERROR('Tcp differs from fields.ts');
}
