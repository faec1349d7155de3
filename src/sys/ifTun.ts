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
/** No argument; returns a descriptor of the device's network namespace, Linux 5.2. */
export const TUNGETDEVNETNS = 0x54e3;

/** Flags of TUNSETIFF, in the 16 bits at offset 16 of the ifreq. */
export const IFF_TUN = 0x0001;
export const IFF_TAP = 0x0002;
export const IFF_NAPI = 0x0010;
export const IFF_NAPI_FRAGS = 0x0020;
export const IFF_NO_CARRIER = 0x0040;
export const IFF_MULTI_QUEUE = 0x0100;
export const IFF_PERSIST = 0x0800;
/** Without it four bytes of packet information precede each frame. */
export const IFF_NO_PI = 0x1000;
export const IFF_ONE_QUEUE = 0x2000;
export const IFF_VNET_HDR = 0x4000;
/** EBUSY when the name exists, whoever holds it. */
export const IFF_TUN_EXCL = 0x8000;
