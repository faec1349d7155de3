import {
  SCTP_BYTES,
  SCTP_CHECKSUM,
  SCTP_DESTINATION_PORT,
  SCTP_SOURCE_PORT,
  SCTP_VERIFICATION_TAG,
} from '../fields.ts';

/**
 * SCTP common header, RFC 9260 3.1. Its checksum is a CRC-32C, which nothing here touches.
 *
 *     ┌───────────────┬───────────────┐
 *   0 │ source port   │ dest. port    │
 *     ├───────────────┴───────────────┤
 *   4 │ verification tag              │
 *     ├───────────────────────────────┤
 *   8 │ checksum                      │
 *     └───────────────────────────────┘
 */
@unmanaged
export class Sctp {
  /** The header at `address`; the caller has checked that its 12 bytes are there. */
  @inline static at(address: usize): Sctp {
    return changetype<Sctp>(address);
  }

  rawSourcePort: u16;
  rawDestinationPort: u16;
  rawVerificationTag: u32;
  rawChecksum: u32;

  /** 0 to 65535. */
  get sourcePort(): u16 {
    return bswap(this.rawSourcePort);
  }

  /** 0 to 65535. */
  get destinationPort(): u16 {
    return bswap(this.rawDestinationPort);
  }
}

if (
  offsetof<Sctp>() != SCTP_BYTES ||
  offsetof<Sctp>('rawSourcePort') != SCTP_SOURCE_PORT ||
  offsetof<Sctp>('rawDestinationPort') != SCTP_DESTINATION_PORT ||
  offsetof<Sctp>('rawVerificationTag') != SCTP_VERIFICATION_TAG ||
  offsetof<Sctp>('rawChecksum') != SCTP_CHECKSUM
) {
  ERROR('Sctp differs from fields.ts');
}
