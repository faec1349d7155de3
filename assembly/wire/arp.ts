import {
  ARP_BYTES,
  ARP_FIXED_BYTES,
  ARP_HARDWARE_SIZE,
  ARP_HARDWARE_TYPE,
  ARP_OPERATION,
  ARP_PROTOCOL_SIZE,
  ARP_PROTOCOL_TYPE,
  ARP_SENDER_HARDWARE,
  ARP_SENDER_PROTOCOL,
  ARP_TARGET_HARDWARE,
  ARP_TARGET_PROTOCOL,
  ETHER_TYPE_IPV4,
  IPV4_ADDRESS_BYTES,
  MAC_BYTES,
} from '../fields.ts';

/**
 * ARP packet for IPv4 over Ethernet, RFC 826.
 *
 *     ┌───────────────┬───────────────┐
 *   0 │ hardware type │ protocol type │
 *     ├───────┬───────┼───────────────┤
 *   4 │ sizes of both │ operation     │
 *     ├───────┴───────┴───────────────┤
 *   8 │ sender hardware address       │
 *     │               ┌───────────────┤
 *  12 │               │ sender        │
 *     ├───────────────┼───────────────┤
 *  16 │ protocol addr │ target        │
 *     ├───────────────┘               │
 *  20 │ hardware address              │
 *     ├───────────────────────────────┤
 *  24 │ target protocol address       │
 *     └───────────────────────────────┘
 */
@unmanaged
export class Arp {
  /** The packet at `address`; the caller has checked that its first 8 bytes are there. */
  @inline static at(address: usize): Arp {
    return changetype<Arp>(address);
  }

  rawHardwareType: u16;
  rawProtocolType: u16;
  hardwareSize: u8;
  protocolSize: u8;
  rawOperation: u16;
  rawSenderMac0: u16;
  rawSenderMac1: u16;
  rawSenderMac2: u16;
  rawSenderIp0: u16;
  rawSenderIp1: u16;
  rawTargetMac0: u16;
  rawTargetMac1: u16;
  rawTargetMac2: u16;
  rawTargetIp: u32;

  /** Whether the addresses are Ethernet's and IPv4's, and so lie where the fields above say. */
  get isIpv4(): bool {
    return (
      this.hardwareSize == MAC_BYTES && this.protocolSize == IPV4_ADDRESS_BYTES && this.protocolType == ETHER_TYPE_IPV4
    );
  }

  /** An EtherType. */
  get protocolType(): i32 {
    return bswap(this.rawProtocolType);
  }
}

if (
  offsetof<Arp>() != ARP_BYTES ||
  offsetof<Arp>('rawHardwareType') != ARP_HARDWARE_TYPE ||
  offsetof<Arp>('rawProtocolType') != ARP_PROTOCOL_TYPE ||
  offsetof<Arp>('hardwareSize') != ARP_HARDWARE_SIZE ||
  offsetof<Arp>('protocolSize') != ARP_PROTOCOL_SIZE ||
  offsetof<Arp>('rawOperation') != ARP_OPERATION ||
  offsetof<Arp>('rawSenderMac0') != ARP_SENDER_HARDWARE ||
  offsetof<Arp>('rawSenderMac0') != ARP_FIXED_BYTES ||
  offsetof<Arp>('rawSenderIp0') != ARP_SENDER_PROTOCOL ||
  offsetof<Arp>('rawTargetMac0') != ARP_TARGET_HARDWARE ||
  offsetof<Arp>('rawTargetIp') != ARP_TARGET_PROTOCOL
) {
  ERROR('Arp differs from fields.ts');
}
