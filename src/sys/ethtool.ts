import { ifreq } from './ifreq.ts';
import type { Libc } from './libc.ts';
import type { Link } from './link.ts';
import { SIOCETHTOOL } from './sockios.ts';
import { systemError } from './systemError.ts';

/**
 * The features that are active on an interface, by the names that `ethtool -k` prints. Anybody may ask.
 *
 * @throws {TaplineError} `SYSCALL`
 */
export function activeFeatures(link: Link): Set<string> {
  const names = featureNames(link);
  const blocks = Math.ceil(names.length / 32);
  const features = command(ETHTOOL_GFEATURES, 8 + blocks * FEATURE_BLOCK_BYTES);
  features.view.setUint32(4, blocks, true);
  ask(link, features);
  const isActive = (bit: number) => {
    const active = 8 + Math.floor(bit / 32) * FEATURE_BLOCK_BYTES + ACTIVE_OFFSET;
    return ((features.view.getUint32(active, true) >>> (bit % 32)) & 1) === 1;
  };
  return new Set(names.filter((_, bit) => isActive(bit)));
}

/** Commands of `<linux/ethtool.h>`. */
const ETHTOOL_GSTRINGS = 0x1b;
const ETHTOOL_GSSET_INFO = 0x37;
const ETHTOOL_GFEATURES = 0x3a;
const ETH_SS_FEATURES = 4;
const ETH_GSTRING_LEN = 32;
/** `struct ethtool_get_features_block`: available, requested, active, never changed, u32 each. */
const FEATURE_BLOCK_BYTES = 16;
const ACTIVE_OFFSET = 8;

/** The bits have no fixed numbers, only names; those do not change while a kernel runs. */
const known = new WeakMap<Libc, readonly string[]>();

function featureNames(link: Link): readonly string[] {
  const names = known.get(link.libc) ?? askNames(link);
  known.set(link.libc, names);
  return names;
}

function askNames(link: Link): string[] {
  // cmd u32, reserved u32, mask u64, then a count for each bit of the mask.
  const count = command(ETHTOOL_GSSET_INFO, 20);
  count.view.setUint32(8, 1 << ETH_SS_FEATURES, true);
  ask(link, count);
  const length = count.view.getUint32(16, true);
  // cmd u32, set u32, count u32, then the names.
  const strings = command(ETHTOOL_GSTRINGS, 12 + length * ETH_GSTRING_LEN);
  strings.view.setUint32(4, ETH_SS_FEATURES, true);
  strings.view.setUint32(8, length, true);
  ask(link, strings);
  return Array.from({ length }, (_, index) => {
    const name = strings.bytes.subarray(12 + index * ETH_GSTRING_LEN, 12 + (index + 1) * ETH_GSTRING_LEN);
    return new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
  });
}

interface Command {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

function command(number: number, length: number): Command {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, number, true);
  return { bytes, view };
}

function ask(link: Link, { bytes }: Command): void {
  const request = ifreq(link.name);
  request.union.setBigUint64(0, BigInt(link.libc.addressOf(bytes)), true);
  if (link.libc.ioctl(link.socket, SIOCETHTOOL, request.bytes) < 0) {
    const errno = link.libc.errno();
    throw systemError({ action: `Cannot ask for the features of ${link.name}`, syscall: 'ioctl(SIOCETHTOOL)', errno });
  }
}
