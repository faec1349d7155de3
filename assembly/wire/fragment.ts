import {
  EXTENSION_NEXT_HEADER,
  FRAGMENT_BYTES,
  FRAGMENT_IDENTIFICATION,
  FRAGMENT_MORE_MASK,
  FRAGMENT_OFFSET,
  FRAGMENT_OFFSET_MASK,
} from '../fields.ts';

/**
 * IPv6 fragment header, RFC 8200 4.5.
 *
 *     ┌───────┬───────┬────────────┬──┐
 *   0 │ next  │   0   │ offset     │ M│   offset in units of 8 bytes, 13 bits; M: more fragments
 *     ├───────┴───────┴────────────┴──┤
 *   4 │ identification                │
 *     └───────────────────────────────┘
 */
@unmanaged
export class Fragment {
  /** The header at `address`; the caller has checked that its 8 bytes are there. */
  @inline static at(address: usize): Fragment {
    return changetype<Fragment>(address);
  }

  nextHeader: u8;
  reserved: u8;
  rawOffset: u16;
  rawIdentification: u32;

  /** Whether this is a piece of a packet. An "atomic" one (RFC 6946), offset 0 and nothing to follow, is whole. */
  get isFragment(): bool {
    return (bswap(this.rawOffset) & (FRAGMENT_OFFSET_MASK | FRAGMENT_MORE_MASK)) != 0;
  }

  /** Whether this piece begins behind the transport header. */
  get isLaterFragment(): bool {
    return (bswap(this.rawOffset) & FRAGMENT_OFFSET_MASK) != 0;
  }
}

if (
  offsetof<Fragment>() != FRAGMENT_BYTES ||
  offsetof<Fragment>('nextHeader') != EXTENSION_NEXT_HEADER ||
  offsetof<Fragment>('rawOffset') != FRAGMENT_OFFSET ||
  offsetof<Fragment>('rawIdentification') != FRAGMENT_IDENTIFICATION
) {
  ERROR('Fragment differs from fields.ts');
}
