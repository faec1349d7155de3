import {
  IPV4_BYTES,
  IPV4_CHECKSUM,
  IPV4_DESTINATION,
  IPV4_FRAGMENT,
  IPV4_FRAGMENT_OFFSET_MASK,
  IPV4_HEADER_WORDS_MASK,
  IPV4_IDENTIFICATION,
  IPV4_MORE_FRAGMENTS_MASK,
  IPV4_OPTIONS,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  IPV4_VERSION,
} from '../fields.ts';

/**
 * IPv4 header, RFC 791 3.1.
 *
 *     ┌───┬───┬───────┬───────────────┐
 *   0 │ 4 │IHL│ TOS   │ total length  │
 *     ├───┴───┴───────┼──┬────────────┤
 *   4 │ identification│  │ frag offset│   3 flags: reserved, don't fragment, more fragments
 *     ├───────┬───────┼──┴────────────┤
 *   8 │ TTL   │ prot. │ checksum      │
 *     ├───────┴───────┴───────────────┤
 *  12 │ source                        │
 *     ├───────────────────────────────┤
 *  16 │ destination                   │
 *     ├───────────────────────────────┤
 *  20 │ options: (IHL − 5) × 4 bytes  │
 *     └───────────────────────────────┘
 */
@unmanaged
export class Ipv4 {
  /** The header at `address`; the caller has checked that its 20 bytes are there. */
  @inline static at(address: usize): Ipv4 {
    return changetype<Ipv4>(address);
  }

  versionAndWords: u8;
  tos: u8;
  rawTotalLength: u16;
  rawIdentification: u16;
  rawFragment: u16;
  ttl: u8;
  protocol: u8;
  rawChecksum: u16;
  rawSource: u32;
  rawDestination: u32;

  /** 4, one hopes. */
  get version(): i32 {
    return (<i32>this.versionAndWords) >> 4;
  }

  /** Bytes of this header, options included: 0 to 60. */
  get headerBytes(): i32 {
    return ((<i32>this.versionAndWords) & IPV4_HEADER_WORDS_MASK) << 2;
  }

  /** Bytes of header and payload; 0 on some super-packets. */
  get totalLength(): i32 {
    return bswap(this.rawTotalLength);
  }

  /** Whether this is a piece of a packet, first or later. */
  get isFragment(): bool {
    return (bswap(this.rawFragment) & (IPV4_MORE_FRAGMENTS_MASK | IPV4_FRAGMENT_OFFSET_MASK)) != 0;
  }

  /** Whether this piece begins behind the transport header. */
  get isLaterFragment(): bool {
    return (bswap(this.rawFragment) & IPV4_FRAGMENT_OFFSET_MASK) != 0;
  }
}

if (
  offsetof<Ipv4>() != IPV4_BYTES ||
  offsetof<Ipv4>() != IPV4_OPTIONS ||
  offsetof<Ipv4>('versionAndWords') != IPV4_VERSION ||
  offsetof<Ipv4>('tos') != IPV4_TOS ||
  offsetof<Ipv4>('rawTotalLength') != IPV4_TOTAL_LENGTH ||
  offsetof<Ipv4>('rawIdentification') != IPV4_IDENTIFICATION ||
  offsetof<Ipv4>('rawFragment') != IPV4_FRAGMENT ||
  offsetof<Ipv4>('ttl') != IPV4_TTL ||
  offsetof<Ipv4>('protocol') != IPV4_PROTOCOL ||
  offsetof<Ipv4>('rawChecksum') != IPV4_CHECKSUM ||
  offsetof<Ipv4>('rawSource') != IPV4_SOURCE ||
  offsetof<Ipv4>('rawDestination') != IPV4_DESTINATION
) {
  ERROR('Ipv4 differs from fields.ts');
}
