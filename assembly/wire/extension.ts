import {
  EXTENSION_BYTES,
  EXTENSION_LENGTH,
  EXTENSION_NEXT_HEADER,
  PROTOCOL_DESTINATION_OPTIONS,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_ROUTING,
  ROUTING_SEGMENTS_LEFT,
  ROUTING_TYPE,
} from '../fields.ts';

/**
 * IPv6 extension header: hop-by-hop options, routing, destination options, RFC 8200 4.3, 4.4, 4.6.
 *
 *     ┌───────┬───────┬───────┬───────┐
 *   0 │ next  │ length│ type  │ left  │   length: units of 8 bytes behind the first 8
 *     ├───────┴───────┴───────┴───────┤   type, segments left: of a routing header
 *   4 │ …                             │
 *     └───────────────────────────────┘
 */
@unmanaged
export class Extension {
  /** The header at `address`; the caller has checked that its first 8 bytes are there. */
  @inline static at(address: usize): Extension {
    return changetype<Extension>(address);
  }

  /** Whether a header of this shape follows; fragment and authentication headers have shapes of their own. */
  @inline static isAnnouncedBy(protocol: i32): bool {
    return protocol == PROTOCOL_HOP_BY_HOP || protocol == PROTOCOL_ROUTING || protocol == PROTOCOL_DESTINATION_OPTIONS;
  }

  nextHeader: u8;
  units: u8;
  routingType: u8;
  /** Of a routing header: stops still to be visited before the destination. */
  segmentsLeft: u8;
  rest: u32;

  /** Bytes of the whole header: 8 to 2048. */
  get bytes(): i32 {
    return (<i32>this.units + 1) << 3;
  }
}

if (
  offsetof<Extension>() != EXTENSION_BYTES ||
  offsetof<Extension>('nextHeader') != EXTENSION_NEXT_HEADER ||
  offsetof<Extension>('units') != EXTENSION_LENGTH ||
  offsetof<Extension>('routingType') != ROUTING_TYPE ||
  offsetof<Extension>('segmentsLeft') != ROUTING_SEGMENTS_LEFT
) {
  ERROR('Extension differs from fields.ts');
}
