/**
 * `<linux/if_tun.h>`, in the encoding of `<asm-generic/ioctl.h>` (x86-64, arm64, riscv64, loong64). The numbers from
 * 2^31 up are unsigned.
 */
export const TUN_NODE = '/dev/net/tun';

/** Pointer to an ifreq; the kernel writes the chosen name back. */
export const TUNSETIFF = 0x400454ca;
/** Pointer to an ifreq: the real name and flags, where those of TUNSETIFF may be what the caller gave. */
export const TUNGETIFF = 0x800454d2;
/** Pointer to u32; works before TUNSETIFF. */
export const TUNGETFEATURES = 0x800454cf;
/** The mask by value. */
export const TUNSETOFFLOAD = 0x400454d0;
/** Pointer to int. */
export const TUNGETVNETHDRSZ = 0x800454d7;
/** Pointer to int. */
export const TUNSETVNETHDRSZ = 0x400454d8;
/** Pointer to int, Linux 4.0. */
export const TUNSETVNETLE = 0x400454dc;
/** 0 or 1 by value: a pointer would always mean 1. */
export const TUNSETPERSIST = 0x400454cb;
/** The id by value: of a pointer, the kernel would take the low half as an id. */
export const TUNSETOWNER = 0x400454cc;
export const TUNSETGROUP = 0x400454ce;
/** Pointer to int. */
export const TUNGETSNDBUF = 0x800454d3;
export const TUNSETSNDBUF = 0x400454d4;
/** Pointer to a sock_fprog; TAP only. */
export const TUNATTACHFILTER = 0x401054d5;
/** The argument is not used; TAP only. */
export const TUNDETACHFILTER = 0x401054d6;
/** Pointer to a tun_filter {flags u16, count u16, MAC addresses}; TAP only. */
export const TUNSETTXFILTER = 0x400454d1;
/** Pointer to an ifreq with IFF_ATTACH_QUEUE or IFF_DETACH_QUEUE. */
export const TUNSETQUEUE = 0x400454d9;
/** Pointer to the descriptor of a program, -1 for none; Linux 4.16. An _IOR number, though it writes. */
export const TUNSETFILTEREBPF = 0x800454e1;
/** Pointer to int, Linux 4.20. */
export const TUNSETCARRIER = 0x400454e2;
/** No argument; returns a descriptor of the device's network namespace, Linux 5.2. */
export const TUNGETDEVNETNS = 0x54e3;

/** Flags of TUNSETIFF, in the 16 bits at offset 16 of the ifreq. */
export const IFF_TUN = 0x0001;
export const IFF_TAP = 0x0002;
export const IFF_NAPI = 0x0010;
export const IFF_NAPI_FRAGS = 0x0020;
export const IFF_NO_CARRIER = 0x0040;
export const IFF_MULTI_QUEUE = 0x0100;
/** Only TUNSETQUEUE takes these two; TUNGETIFF reports a detached queue with the second. */
export const IFF_ATTACH_QUEUE = 0x0200;
export const IFF_DETACH_QUEUE = 0x0400;
export const IFF_PERSIST = 0x0800;
/** Without it four bytes of packet information precede each frame. */
export const IFF_NO_PI = 0x1000;
export const IFF_ONE_QUEUE = 0x2000;
export const IFF_VNET_HDR = 0x4000;
/** EBUSY when the name exists, whoever holds it. */
export const IFF_TUN_EXCL = 0x8000;
