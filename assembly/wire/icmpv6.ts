import { ICMPV6_BODY, ICMPV6_BYTES, ICMPV6_CHECKSUM, ICMPV6_CODE, ICMPV6_TYPE } from '../fields.ts';

/**
 * ICMPv6 message, RFC 4443 2.1: the part that every message has.
 *
 *     ┌───────┬───────┬───────────────┐
 *   0 │ type  │ code  │ checksum      │
 *     ├───────┴───────┴───────────────┤
 *   4 │ body                          │
 *     └───────────────────────────────┘
 */
@unmanaged
export class Icmpv6 {
  /** The message at `address`; the caller has checked that its 4 bytes are there. */
  @inline static at(address: usize): Icmpv6 {
    return changetype<Icmpv6>(address);
  }

  type: u8;
  code: u8;
  rawChecksum: u16;
}

if (
  offsetof<Icmpv6>() != ICMPV6_BYTES ||
  offsetof<Icmpv6>() != ICMPV6_BODY ||
  offsetof<Icmpv6>('type') != ICMPV6_TYPE ||
  offsetof<Icmpv6>('code') != ICMPV6_CODE ||
  offsetof<Icmpv6>('rawChecksum') != ICMPV6_CHECKSUM
) {
  ERROR('Icmpv6 differs from fields.ts');
}
