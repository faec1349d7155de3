import {
  AUTHENTICATION_BYTES,
  AUTHENTICATION_LENGTH,
  AUTHENTICATION_SEQUENCE,
  AUTHENTICATION_SPI,
  EXTENSION_NEXT_HEADER,
} from '../fields.ts';

/**
 * IPsec authentication header, RFC 4302 2; under IPv4 and IPv6 alike.
 *
 *     ┌───────┬───────┬───────────────┐
 *   0 │ next  │ length│ 0             │   length: units of 4 bytes, minus 2
 *     ├───────┴───────┴───────────────┤
 *   4 │ security parameters index     │
 *     ├───────────────────────────────┤
 *   8 │ sequence number               │
 *     ├───────────────────────────────┤
 *  12 │ integrity check value         │
 *     └───────────────────────────────┘
 */
@unmanaged
export class Authentication {
  /** The header at `address`; the caller has checked that its 12 bytes are there. */
  @inline static at(address: usize): Authentication {
    return changetype<Authentication>(address);
  }

  nextHeader: u8;
  units: u8;
  reserved: u16;
  rawSpi: u32;
  rawSequence: u32;

  /** Bytes of the whole header: 8 to 1028. Below 12 it is not long enough for its own fields. */
  get bytes(): i32 {
    return (<i32>this.units + 2) << 2;
  }
}

if (
  offsetof<Authentication>() != AUTHENTICATION_BYTES ||
  offsetof<Authentication>('nextHeader') != EXTENSION_NEXT_HEADER ||
  offsetof<Authentication>('units') != AUTHENTICATION_LENGTH ||
  offsetof<Authentication>('rawSpi') != AUTHENTICATION_SPI ||
  offsetof<Authentication>('rawSequence') != AUTHENTICATION_SEQUENCE
) {
  ERROR('Authentication differs from fields.ts');
}
