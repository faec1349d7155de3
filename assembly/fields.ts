// Where the fields of each header lie, in bytes from that header's first byte, with the numbers that its fields hold.
// Like layout.ts this file is compiled by asc and by tsc alike and must remain portable: nothing but
// `export const NAME = integer expression over earlier names`, every value below 2^31.
//
// The unit of a bare HEADER_FIELD is bytes. Sizes end in _BYTES, masks in _MASK, units in their name. Multi-byte fields
// are in network order. The overlays in wire/ are held to these numbers at compile time.

// ── Ethernet II, IEEE 802.3 ──────────────────────────────────────────────────────────────────────────────────────────

export const MAC_BYTES = 6;
export const ETHERNET_DESTINATION = 0;
export const ETHERNET_SOURCE = 6;
/** u16: EtherType; a number up to ETHERNET_LENGTH_LIMIT is an 802.3 length instead. */
export const ETHERNET_TYPE = 12;
export const ETHERNET_BYTES = 14;
/** IEEE 802.3 3.2.6: up to here the field is a length. */
export const ETHERNET_LENGTH_LIMIT = 1500;

// ── EtherTypes, IEEE registration authority ──────────────────────────────────────────────────────────────────────────

export const ETHER_TYPE_IPV4 = 0x0800;
export const ETHER_TYPE_ARP = 0x0806;
/** 802.1Q customer tag. */
export const ETHER_TYPE_VLAN = 0x8100;
export const ETHER_TYPE_IPV6 = 0x86dd;
/** 802.1ad service tag. */
export const ETHER_TYPE_SERVICE_VLAN = 0x88a8;
/** What stacked tags used before 802.1ad. */
export const ETHER_TYPE_LEGACY_VLAN = 0x9100;

// ── VLAN tag, IEEE 802.1Q: lies directly behind an EtherType that announces it ───────────────────────────────────────

/** u16: priority 3 bits, drop eligible 1, VLAN id 12. */
export const VLAN_TCI = 0;
/** u16: EtherType of what follows. */
export const VLAN_TYPE = 2;
export const VLAN_BYTES = 4;
export const VLAN_ID_MASK = 0x0fff;
export const VLAN_DROP_ELIGIBLE_MASK = 0x1000;
export const VLAN_PRIORITY_SHIFT = 13;

// ── ARP for IPv4 over Ethernet, RFC 826 ──────────────────────────────────────────────────────────────────────────────

/** u16: 1 Ethernet. */
export const ARP_HARDWARE_TYPE = 0;
/** u16: an EtherType. */
export const ARP_PROTOCOL_TYPE = 2;
/** u8: bytes of a hardware address. */
export const ARP_HARDWARE_SIZE = 4;
/** u8: bytes of a protocol address. */
export const ARP_PROTOCOL_SIZE = 5;
/** u16: 1 request, 2 reply. */
export const ARP_OPERATION = 6;
/** Addresses, for hardware addresses of 6 bytes and protocol addresses of 4. */
export const ARP_SENDER_HARDWARE = 8;
export const ARP_SENDER_PROTOCOL = 14;
export const ARP_TARGET_HARDWARE = 18;
export const ARP_TARGET_PROTOCOL = 24;
/** The part whose size does not depend on the address sizes. */
export const ARP_FIXED_BYTES = 8;
export const ARP_BYTES = 28;
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

// ── IPv4, RFC 791 3.1 ────────────────────────────────────────────────────────────────────────────────────────────────

/** u8: version 4 bits, header length in 32-bit words 4 bits. */
export const IPV4_VERSION = 0;
/** u8: type of service; DSCP 6 bits (RFC 2474), ECN 2 bits (RFC 3168). */
export const IPV4_TOS = 1;
/** u16: bytes of header and payload; 0 on some super-packets. */
export const IPV4_TOTAL_LENGTH = 2;
export const IPV4_IDENTIFICATION = 4;
/** u16: flags 3 bits, offset in units of 8 bytes 13 bits. */
export const IPV4_FRAGMENT = 6;
export const IPV4_TTL = 8;
export const IPV4_PROTOCOL = 9;
export const IPV4_CHECKSUM = 10;
export const IPV4_SOURCE = 12;
export const IPV4_DESTINATION = 16;
export const IPV4_OPTIONS = 20;
export const IPV4_BYTES = 20;
export const IPV4_ADDRESS_BYTES = 4;
export const IPV4_HEADER_WORDS_MASK = 0x0f;
export const IPV4_DONT_FRAGMENT_MASK = 0x4000;
export const IPV4_MORE_FRAGMENTS_MASK = 0x2000;
export const IPV4_FRAGMENT_OFFSET_MASK = 0x1fff;

// ── IPv6, RFC 8200 3 ─────────────────────────────────────────────────────────────────────────────────────────────────

/** u32: version 4 bits, traffic class 8 bits, flow label 20 bits. */
export const IPV6_VERSION = 0;
/** u16: bytes behind this header; 0 on jumbograms (RFC 2675) and some super-packets. */
export const IPV6_PAYLOAD_LENGTH = 4;
export const IPV6_NEXT_HEADER = 6;
export const IPV6_HOP_LIMIT = 7;
export const IPV6_SOURCE = 8;
export const IPV6_DESTINATION = 24;
export const IPV6_BYTES = 40;
export const IPV6_ADDRESS_BYTES = 16;
export const IPV6_FLOW_LABEL_MASK = 0x000fffff;

// ── IPv6 extension headers, RFC 8200 4 ───────────────────────────────────────────────────────────────────────────────

export const EXTENSION_NEXT_HEADER = 0;
/** u8: size beyond the first 8 bytes, in units of 8 bytes. */
export const EXTENSION_LENGTH = 1;
/** The smallest there is; also the unit of their sizes. */
export const EXTENSION_BYTES = 8;

/** RFC 8200 4.4. */
export const ROUTING_TYPE = 2;
export const ROUTING_SEGMENTS_LEFT = 3;

/** RFC 8200 4.5. u16: offset in units of 8 bytes 13 bits, reserved 2, more fragments 1. */
export const FRAGMENT_OFFSET = 2;
export const FRAGMENT_IDENTIFICATION = 4;
export const FRAGMENT_BYTES = 8;
export const FRAGMENT_OFFSET_MASK = 0xfff8;
export const FRAGMENT_MORE_MASK = 0x0001;

/** RFC 4302 2. u8: size in units of 4 bytes, minus 2. */
export const AUTHENTICATION_LENGTH = 1;
export const AUTHENTICATION_SPI = 4;
export const AUTHENTICATION_SEQUENCE = 8;
export const AUTHENTICATION_BYTES = 12;

// ── IP protocol numbers, IANA ────────────────────────────────────────────────────────────────────────────────────────

export const PROTOCOL_HOP_BY_HOP = 0;
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ROUTING = 43;
export const PROTOCOL_FRAGMENT = 44;
export const PROTOCOL_AUTHENTICATION = 51;
export const PROTOCOL_ICMPV6 = 58;
export const PROTOCOL_NO_NEXT_HEADER = 59;
export const PROTOCOL_DESTINATION_OPTIONS = 60;
export const PROTOCOL_SCTP = 132;
/** RFC 6275: shaped like an extension header, and not walked: nothing follows it (6.1.1). */
export const PROTOCOL_MOBILITY = 135;

// ── TCP, RFC 9293 3.1 ────────────────────────────────────────────────────────────────────────────────────────────────

export const TCP_SOURCE_PORT = 0;
export const TCP_DESTINATION_PORT = 2;
export const TCP_SEQUENCE = 4;
export const TCP_ACKNOWLEDGEMENT = 8;
/** u8: header length in 32-bit words 4 bits, reserved 4 bits. */
export const TCP_DATA_OFFSET = 12;
export const TCP_FLAGS = 13;
export const TCP_WINDOW = 14;
export const TCP_CHECKSUM = 16;
export const TCP_URGENT = 18;
export const TCP_OPTIONS = 20;
export const TCP_BYTES = 20;
export const TCP_DATA_OFFSET_SHIFT = 4;
export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_URG = 0x20;
/** RFC 3168. */
export const TCP_ECE = 0x40;
export const TCP_CWR = 0x80;

// ── UDP, RFC 768 ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const UDP_SOURCE_PORT = 0;
export const UDP_DESTINATION_PORT = 2;
/** u16: bytes of header and payload; 0 on jumbograms (RFC 2675). */
export const UDP_LENGTH = 4;
/** u16: 0 over IPv4 means that there is none. */
export const UDP_CHECKSUM = 6;
export const UDP_BYTES = 8;

// ── ICMP, RFC 792, and ICMPv6, RFC 4443 2.1 ──────────────────────────────────────────────────────────────────────────

export const ICMP_TYPE = 0;
export const ICMP_CODE = 1;
export const ICMP_CHECKSUM = 2;
/** What these bytes hold depends on the type: identifier and sequence of an echo, pointer, gateway, MTU. */
export const ICMP_REST = 4;
export const ICMP_IDENTIFIER = 4;
export const ICMP_SEQUENCE = 6;
export const ICMP_BYTES = 8;

export const ICMPV6_TYPE = 0;
export const ICMPV6_CODE = 1;
export const ICMPV6_CHECKSUM = 2;
/** The message body; every message has at least 4 bytes of it, but RFC 4443 promises only the 4 before. */
export const ICMPV6_BODY = 4;
export const ICMPV6_BYTES = 4;

// ── SCTP common header, RFC 9260 3.1 ─────────────────────────────────────────────────────────────────────────────────

export const SCTP_SOURCE_PORT = 0;
export const SCTP_DESTINATION_PORT = 2;
export const SCTP_VERIFICATION_TAG = 4;
/** u32: CRC-32C (RFC 9260 6.8), little-endian. */
export const SCTP_CHECKSUM = 8;
export const SCTP_BYTES = 12;

// ── virtio_net_hdr_v1, <linux/virtio_net.h>: little-endian, as TUNSETVNETLE asks for ─────────────────────────────────

export const VIRTIO_FLAGS = 0;
export const VIRTIO_GSO_TYPE = 1;
export const VIRTIO_HDR_LEN = 2;
export const VIRTIO_GSO_SIZE = 4;
export const VIRTIO_CSUM_START = 6;
export const VIRTIO_CSUM_OFFSET = 8;
/** u16: buffers of a merged receive; the tun driver neither reads nor writes it with a length of 10, ignores it with 12. */
export const VIRTIO_NUM_BUFFERS = 10;
export const VIRTIO_BYTES = 12;
