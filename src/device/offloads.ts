/**
 * Offloads by name: what the kernel may leave to us (`<linux/if_tun.h>`, TUN_F_*).
 *
 * `csum`: partial checksums. `tso4`, `tso6`: TCP super-packets. `tsoEcn`: TCP super-packets whose first segment has CWR.
 * `uso4`, `uso6`: UDP super-packets, Linux 6.2 and later.
 */
export type Offload = 'csum' | 'tso4' | 'tso6' | 'tsoEcn' | 'uso4' | 'uso6';

/** A choice of offloads: names, a word for all or none, or the raw TUN_F_* mask. */
export type OffloadChoice = 'all' | 'none' | readonly Offload[] | number;

/** Bit of each offload in the mask of TUNSETOFFLOAD (`<linux/if_tun.h>`). */
export const OFFLOAD_BITS: Readonly<Record<Offload, number>> = {
  csum: 0x01,
  tso4: 0x02,
  tso6: 0x04,
  tsoEcn: 0x08,
  uso4: 0x20,
  uso6: 0x40,
};
