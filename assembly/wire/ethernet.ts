import { ETHERNET_BYTES, ETHERNET_DESTINATION, ETHERNET_SOURCE, ETHERNET_TYPE } from '../fields.ts';

/**
 * Ethernet II header, IEEE 802.3 3.1.1.
 *
 *      0               2               4               6
 *     ┌───────────────────────────────────────────────┐
 *   0 │ destination                                   │
 *     ├───────────────────────────────────────────────┤
 *   6 │ source                                        │
 *     ├───────────────┬───────────────────────────────┘
 *  12 │ type or length│
 *     └───────────────┘
 */
@unmanaged
export class Ethernet {
  /** The header at `address`; the caller has checked that its 14 bytes are there. */
  @inline static at(address: usize): Ethernet {
    return changetype<Ethernet>(address);
  }

  rawTo0: u16;
  rawTo1: u16;
  rawTo2: u16;
  rawFrom0: u16;
  rawFrom1: u16;
  rawFrom2: u16;
  rawType: u16;

  /** Destination address, as a number of 48 bits. */
  get destination(): u64 {
    return join(this.rawTo0, this.rawTo1, this.rawTo2);
  }

  /** Source address, as a number of 48 bits. */
  get source(): u64 {
    return join(this.rawFrom0, this.rawFrom1, this.rawFrom2);
  }

  /** EtherType; up to 1500 the length of an 802.3 frame. */
  get type(): i32 {
    return bswap(this.rawType);
  }
}

function join(high: u16, middle: u16, low: u16): u64 {
  return ((<u64>bswap(high)) << 32) | ((<u64>bswap(middle)) << 16) | bswap(low);
}

if (
  offsetof<Ethernet>() != ETHERNET_BYTES ||
  offsetof<Ethernet>('rawTo0') != ETHERNET_DESTINATION ||
  offsetof<Ethernet>('rawFrom0') != ETHERNET_SOURCE ||
  offsetof<Ethernet>('rawType') != ETHERNET_TYPE
) {
  ERROR('Ethernet differs from fields.ts');
}
