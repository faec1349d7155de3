import { UDP_BYTES, UDP_CHECKSUM, UDP_DESTINATION_PORT, UDP_LENGTH, UDP_SOURCE_PORT } from '../fields.ts';

/**
 * UDP header, RFC 768.
 *
 *     ┌───────────────┬───────────────┐
 *   0 │ source port   │ dest. port    │
 *     ├───────────────┼───────────────┤
 *   4 │ length        │ checksum      │   checksum 0: there is none
 *     └───────────────┴───────────────┘
 */
@unmanaged
export class Udp {
  /** The header at `address`; the caller has checked that its 8 bytes are there. */
  @inline static at(address: usize): Udp {
    return changetype<Udp>(address);
  }

  rawSourcePort: u16;
  rawDestinationPort: u16;
  rawLength: u16;
  /** 0 means that there is none, in either byte order. */
  rawChecksum: u16;

  /** 0 to 65535. */
  get sourcePort(): u16 {
    return bswap(this.rawSourcePort);
  }

  /** 0 to 65535. */
  get destinationPort(): u16 {
    return bswap(this.rawDestinationPort);
  }

  /** Bytes of header and payload; 0 on jumbograms (RFC 2675 4) and some super-packets. */
  get length(): i32 {
    return bswap(this.rawLength);
  }
}

if (
  offsetof<Udp>() != UDP_BYTES ||
  offsetof<Udp>('rawSourcePort') != UDP_SOURCE_PORT ||
  offsetof<Udp>('rawDestinationPort') != UDP_DESTINATION_PORT ||
  offsetof<Udp>('rawLength') != UDP_LENGTH ||
  offsetof<Udp>('rawChecksum') != UDP_CHECKSUM
) {
  ERROR('Udp differs from fields.ts');
}
