import { activeFeatures } from '../sys/ethtool.ts';
import type { Link } from '../sys/link.ts';
import { withoutOrphans } from './offloadMask.ts';
import { OFFLOAD_BITS, type Offload } from './offloads.ts';

/**
 * The offload mask that is in force on an interface. TUNSETOFFLOAD has no counterpart that reads; the features of the
 * interface tell it, also where an administrator has since switched one off (`ethtool -K`).
 *
 * @throws {TaplineError} `SYSCALL`
 */
export function readOffloads(link: Link): number {
  const active = activeFeatures(link);
  const mask = features.reduce((bits, [name, feature]) => (active.has(feature) ? bits | OFFLOAD_BITS[name] : bits), 0);
  return withoutOrphans(mask);
}

/** As `ethtool -k` prints them; `set_offload` of drivers/net/tun.c joins them to the mask. */
const features: readonly (readonly [Offload, string])[] = [
  ['csum', 'tx-checksum-ip-generic'],
  ['tso4', 'tx-tcp-segmentation'],
  ['tso6', 'tx-tcp6-segmentation'],
  ['tsoEcn', 'tx-tcp-ecn-segmentation'],
  ['uso4', 'tx-udp-segmentation'],
  ['uso6', 'tx-udp-segmentation'],
];
