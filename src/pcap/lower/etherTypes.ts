// EtherTypes and the like, as far as the language names them. `<linux/if_ether.h>`; LLC SAPs: IEEE 802.2.

export const IPV4 = 0x0800;
export const ARP = 0x0806;
export const RARP = 0x8035;
export const IPV6 = 0x86dd;
export const ATALK = 0x809b;
export const AARP = 0x80f3;
export const DECNET = 0x6003;
export const LAT = 0x6004;
export const SCA = 0x6007;
export const MOPDL = 0x6001;
export const MOPRC = 0x6002;
export const IPX = 0x8137;
export const LOOPBACK = 0x9000;
export const MPLS = 0x8847;
export const PPPOED = 0x8863;
export const PPPOES = 0x8864;
export const VLAN_TAGS = [0x8100, 0x88a8, 0x9100] as const;
/** What a tunnel names that holds an Ethernet frame (transparent Ethernet bridging). */
export const BRIDGED = 0x6558;
/** Xerox NS. */
const NS = 0x0600;

/** Larger values of the type field are EtherTypes, others lengths of 802.3 frames. */
export const LENGTH_LIMIT = 1500;

export const SAP_IP = 0x06;
export const SAP_STP = 0x42;
export const SAP_IPX = 0xe0;
export const SAP_NETBEUI = 0xf0;
export const SAP_ISO = 0xfe;

/** PPP protocol numbers (IANA) by EtherType or SAP; others are taken as they are. */
export const PPP_PROTOCOLS: Readonly<Record<number, number>> = {
  [IPV4]: 0x21,
  [IPV6]: 0x57,
  [DECNET]: 0x27,
  [ATALK]: 0x29,
  [NS]: 0x25,
  [SAP_ISO]: 0x23,
  [SAP_STP]: 0x31,
  [SAP_IPX]: 0x2b,
};
/** PPP protocol number of MPLS. */
export const PPP_MPLS = 0x0281;
