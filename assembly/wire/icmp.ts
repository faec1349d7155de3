import {
  ICMP_BYTES,
  ICMP_CHECKSUM,
  ICMP_CODE,
  ICMP_IDENTIFIER,
  ICMP_REST,
  ICMP_SEQUENCE,
  ICMP_TYPE,
} from '../fields.ts';

/**
 * ICMP message, RFC 792: every message of it has these 8 bytes.
 *
 *     ┌───────┬───────┬───────────────┐
 *   0 │ type  │ code  │ checksum      │
 *     ├───────┴───────┼───────────────┤
 *   4 │ identifier    │ sequence      │   of an echo; other types put other things here
 *     └───────────────┴───────────────┘
 */
@unmanaged
export class Icmp {
  /** The message at `address`; the caller has checked that its 8 bytes are there. */
  @inline static at(address: usize): Icmp {
    return changetype<Icmp>(address);
  }

  type: u8;
  code: u8;
  rawChecksum: u16;
  rawIdentifier: u16;
  rawSequence: u16;
}

if (
  offsetof<Icmp>() != ICMP_BYTES ||
  offsetof<Icmp>('type') != ICMP_TYPE ||
  offsetof<Icmp>('code') != ICMP_CODE ||
  offsetof<Icmp>('rawChecksum') != ICMP_CHECKSUM ||
  offsetof<Icmp>('rawIdentifier') != ICMP_REST ||
  offsetof<Icmp>('rawIdentifier') != ICMP_IDENTIFIER ||
  offsetof<Icmp>('rawSequence') != ICMP_SEQUENCE
) {
  ERROR('Icmp differs from fields.ts');
}
