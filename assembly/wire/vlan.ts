import {
  ETHER_TYPE_LEGACY_VLAN,
  ETHER_TYPE_SERVICE_VLAN,
  ETHER_TYPE_VLAN,
  VLAN_BYTES,
  VLAN_TCI,
  VLAN_TYPE,
} from '../fields.ts';

/**
 * VLAN tag, IEEE 802.1Q 9.6: lies behind an EtherType that announces it.
 *
 *     ┌───────────────┬───────────────┐
 *   0 │ PCP DEI VID   │ type or length│
 *     └───────────────┴───────────────┘
 */
@unmanaged
export class Vlan {
  /** The tag at `address`; the caller has checked that its 4 bytes are there. */
  @inline static at(address: usize): Vlan {
    return changetype<Vlan>(address);
  }

  /** Whether `type` announces a tag: 802.1Q, 802.1ad, or what stacked tags used before it. */
  @inline static isAnnouncedBy(type: i32): bool {
    if (type < ETHER_TYPE_VLAN) return false;
    return type == ETHER_TYPE_VLAN || type == ETHER_TYPE_SERVICE_VLAN || type == ETHER_TYPE_LEGACY_VLAN;
  }

  rawTci: u16;
  rawType: u16;

  /** Tag control information: priority 3 bits, drop eligible 1, VLAN id 12. */
  get tci(): i32 {
    return bswap(this.rawTci);
  }

  /** EtherType of what follows; up to 1500 the length of an 802.3 frame. */
  get type(): i32 {
    return bswap(this.rawType);
  }
}

if (offsetof<Vlan>() != VLAN_BYTES || offsetof<Vlan>('rawTci') != VLAN_TCI || offsetof<Vlan>('rawType') != VLAN_TYPE) {
  ERROR('Vlan differs from fields.ts');
}
