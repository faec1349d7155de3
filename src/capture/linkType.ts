/**
 * What stands at the beginning of a packet in a capture: LINKTYPE_* of https://www.tcpdump.org/linktypes.html
 * (draft-ietf-opsawg-pcaplinktype), those that a line can carry.
 */
export const LINKTYPE_NULL = 0;
export const LINKTYPE_ETHERNET = 1;
/** Raw IP under the numbers that BSDs gave it. */
export const LINKTYPE_RAW_BSD = 12;
export const LINKTYPE_RAW_OPENBSD = 14;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_LOOP = 108;
export const LINKTYPE_LINUX_SLL = 113;
export const LINKTYPE_IPV4 = 228;
export const LINKTYPE_IPV6 = 229;
export const LINKTYPE_LINUX_SLL2 = 276;

/** What packets of a link type become in a line: Ethernet frames, IP packets, or nothing (null). */
export function linkOf(linkType: number): 'ethernet' | 'ip' | null {
  if (linkType === LINKTYPE_ETHERNET) return 'ethernet';
  return ipTypes.has(linkType) ? 'ip' : null;
}

const ipTypes: ReadonlySet<number> = new Set([
  LINKTYPE_NULL,
  LINKTYPE_RAW_BSD,
  LINKTYPE_RAW_OPENBSD,
  LINKTYPE_RAW,
  LINKTYPE_LOOP,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_IPV4,
  LINKTYPE_IPV6,
  LINKTYPE_LINUX_SLL2,
]);

/** The packet has a link header and no IP packet behind it. */
export const NO_IP = -1;

/**
 * Bytes of link header before the IP packet of `length` bytes at `offset`: 0 for raw IP, NO_IP when there is none. For link
 * types that `linkOf` calls `'ip'`.
 *
 *     SLL    0 packet type · 2 ARPHRD_* · 4 address length · 6 address · 14 protocol · 16
 *     SLL2   0 protocol · 2 zero · 4 interface · 8 ARPHRD_* · 10 packet type · 11 address length · 12 address · 20
 *     NULL   0 address family, in the byte order of the machine that captured · 4
 *     LOOP   0 address family, in network order · 4
 */
export function linkHeaderBytes(linkType: number, view: DataView, offset: number, length: number): number {
  switch (linkType) {
    case LINKTYPE_LINUX_SLL:
      return length >= SLL_BYTES && isIp(view.getUint16(offset + SLL_PROTOCOL)) ? SLL_BYTES : NO_IP;
    case LINKTYPE_LINUX_SLL2:
      return length >= SLL2_BYTES && isIp(view.getUint16(offset)) ? SLL2_BYTES : NO_IP;
    case LINKTYPE_NULL:
      if (length < FAMILY_BYTES) return NO_IP;
      return ipFamilies.has(view.getUint32(offset, true)) || ipFamilies.has(view.getUint32(offset, false))
        ? FAMILY_BYTES
        : NO_IP;
    case LINKTYPE_LOOP:
      return length >= FAMILY_BYTES && ipFamilies.has(view.getUint32(offset, false)) ? FAMILY_BYTES : NO_IP;
    default:
      return 0;
  }
}

const SLL_PROTOCOL = 14;
const SLL_BYTES = 16;
const SLL2_BYTES = 20;
const FAMILY_BYTES = 4;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

function isIp(etherType: number): boolean {
  return etherType === ETHERTYPE_IPV4 || etherType === ETHERTYPE_IPV6;
}

/** AF_INET everywhere; AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS. */
const ipFamilies: ReadonlySet<number> = new Set([2, 10, 23, 24, 28, 30]);
