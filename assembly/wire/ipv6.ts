import {
  IPV6_BYTES,
  IPV6_DESTINATION,
  IPV6_HOP_LIMIT,
  IPV6_NEXT_HEADER,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  IPV6_VERSION,
} from '../fields.ts';

/**
 * IPv6 header, RFC 8200 3.
 *
 *     ┌───┬───────┬───────────────────┐
 *   0 │ 6 │ class │ flow label        │
 *     ├───┴───────┴───┬───────┬───────┤
 *   4 │ payload length│ next  │ hops  │
 *     ├───────────────┴───────┴───────┤
 *   8 │ source, 16 bytes              │
 *     ├───────────────────────────────┤
 *  24 │ destination, 16 bytes         │
 *     └───────────────────────────────┘
 */
@unmanaged
export class Ipv6 {
  /** The header at `address`; the caller has checked that its 40 bytes are there. */
  @inline static at(address: usize): Ipv6 {
    return changetype<Ipv6>(address);
  }

  rawVersion: u32;
  rawPayloadLength: u16;
  nextHeader: u8;
  hopLimit: u8;
  rawSource0: u64;
  rawSource1: u64;
  rawDestination0: u64;
  rawDestination1: u64;

  /** 6, one hopes. */
  get version(): i32 {
    return (this.rawVersion & 0xf0) >> 4;
  }

  /** Bytes behind this header; 0 on jumbograms (RFC 2675) and some super-packets. */
  get payloadLength(): i32 {
    return bswap(this.rawPayloadLength);
  }
}

if (
  offsetof<Ipv6>() != IPV6_BYTES ||
  offsetof<Ipv6>('rawVersion') != IPV6_VERSION ||
  offsetof<Ipv6>('rawPayloadLength') != IPV6_PAYLOAD_LENGTH ||
  offsetof<Ipv6>('nextHeader') != IPV6_NEXT_HEADER ||
  offsetof<Ipv6>('hopLimit') != IPV6_HOP_LIMIT ||
  offsetof<Ipv6>('rawSource0') != IPV6_SOURCE ||
  offsetof<Ipv6>('rawDestination0') != IPV6_DESTINATION
) {
  ERROR('Ipv6 differs from fields.ts');
}
