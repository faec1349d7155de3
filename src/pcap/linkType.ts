/** Link types for which expressions are compiled. */
export type LinkType = 'ethernet' | 'raw' | 'ipv4' | 'ipv6' | 'sll' | 'sll2' | 'null' | 'loop';

/** What the compiler must know of a link type. */
export interface LinkLayout {
  /** As it is called in error texts. */
  readonly name: string;
  /** Offset of the EtherType or of what stands in its place. */
  readonly typeOffset: number;
  /** Bytes of the link header. */
  readonly headerBytes: number;
  /** Bytes of 802.2 LLC before an OSI network header. */
  readonly llcBytes: number;
}

export const linkLayouts: Readonly<Record<LinkType, LinkLayout>> = {
  ethernet: { name: 'Ethernet', typeOffset: 12, headerBytes: 14, llcBytes: 3 },
  raw: { name: 'raw IP', typeOffset: 0, headerBytes: 0, llcBytes: 0 },
  ipv4: { name: 'raw IPv4', typeOffset: 0, headerBytes: 0, llcBytes: 0 },
  ipv6: { name: 'raw IPv6', typeOffset: 0, headerBytes: 0, llcBytes: 0 },
  sll: { name: 'Linux cooked v1', typeOffset: 14, headerBytes: 16, llcBytes: 0 },
  sll2: { name: 'Linux cooked v2', typeOffset: 0, headerBytes: 20, llcBytes: 0 },
  null: { name: 'BSD loopback', typeOffset: 0, headerBytes: 4, llcBytes: 0 },
  loop: { name: 'OpenBSD loopback', typeOffset: 0, headerBytes: 4, llcBytes: 0 },
};
