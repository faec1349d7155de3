import { existsSync, readFileSync } from 'node:fs';

import { TaplineError } from '../errors.ts';
import { errnoName } from '../sys/errno.ts';
import * as tun from '../sys/ifTun.ts';
import { tryIoUring } from '../sys/ioUring.ts';
import { type Libc, loadLibc } from '../sys/libc.ts';
import { checkOptions } from './checkOptions.ts';
import { createInterface } from './createInterface.ts';
import { offloadNames } from './offloadMask.ts';
import type { Offload } from './offloads.ts';
import { openTunNode, tunFeatures } from './tunNode.ts';

/** What this system lets this process do with TUN/TAP, step by step. */
export interface TunProbe {
  /** The C library in use; null where there is none that this package knows. */
  readonly library: string | null;
  /** `/dev/net/tun` exists. */
  readonly nodeExists: boolean;
  /** `/dev/net/tun` can be opened. */
  readonly canOpen: boolean;
  /** Bits of TUNGETFEATURES (IFF_* of `<linux/if_tun.h>`); 0 when it cannot be opened. */
  readonly featureBits: number;
  /** Names of those bits. */
  readonly features: readonly string[];
  /** A device can be made (one was, and closed again). */
  readonly canCreate: boolean;
  /** Bytes of its virtio header, 12; 0 when none could be made. */
  readonly headerBytes: number;
  /** Offloads that the kernel granted it. */
  readonly offloads: readonly Offload[];
  readonly ioUring: IoUringProbe;
  /** The first step that failed, with its remedy in the text; null when everything worked. */
  readonly problem: TaplineError | null;
}

/** Whether the fast engine can run. */
export interface IoUringProbe {
  readonly isAllowed: boolean;
  /** `EPERM` in many containers, `ENOSYS` before Linux 5.1; null when allowed. */
  readonly error: string | null;
  /** `/proc/sys/kernel/io_uring_disabled`: 0 open to all, 1 to a group, 2 to nobody; null where it does not exist. */
  readonly disabledSetting: number | null;
}

/** Tries what `openTap` needs, and leaves nothing behind. Does not throw: what fails is in the answer. */
export async function probeTun(): Promise<TunProbe> {
  try {
    return probeWith(await loadLibc());
  } catch (error) {
    return { ...nothing, nodeExists: existsSync(tun.TUN_NODE), problem: asProblem(error) };
  }
}

const nothing: TunProbe = {
  library: null,
  nodeExists: false,
  canOpen: false,
  featureBits: 0,
  features: [],
  canCreate: false,
  headerBytes: 0,
  offloads: [],
  ioUring: { isAllowed: false, error: null, disabledSetting: null },
  problem: null,
};

function probeWith(libc: Libc): TunProbe {
  const before = {
    ...nothing,
    library: libc.library,
    nodeExists: existsSync(tun.TUN_NODE),
    ioUring: probeIoUring(libc),
  };
  const opened = probeOpen(libc);
  return { ...before, ...opened, ...(opened.canOpen ? probeCreate(libc, opened.featureBits) : {}) };
}

function probeOpen(libc: Libc): Pick<TunProbe, 'canOpen' | 'featureBits' | 'features' | 'problem'> {
  try {
    const fd = openTunNode(libc);
    const featureBits = Math.max(0, tunFeatures(libc, fd));
    libc.close(fd);
    return { canOpen: true, featureBits, features: featureNames(featureBits), problem: null };
  } catch (error) {
    return { canOpen: false, featureBits: 0, features: [], problem: asProblem(error) };
  }
}

function probeCreate(libc: Libc, featureBits: number): Partial<TunProbe> {
  try {
    const virtioHeader = (featureBits & tun.IFF_VNET_HDR) !== 0;
    const offloads = virtioHeader ? 'all' : 'none';
    const created = createInterface(libc, checkOptions('tap', { virtioHeader, offloads, up: false }));
    libc.close(created.controlSocket);
    libc.close(created.fd);
    return { canCreate: true, headerBytes: created.headerBytes, offloads: offloadNames(created.offloads) };
  } catch (error) {
    return { problem: asProblem(error) };
  }
}

function probeIoUring(libc: Libc): IoUringProbe {
  const errno = tryIoUring(libc);
  return { isAllowed: errno === 0, error: errno === 0 ? null : errnoName(errno), disabledSetting: readSetting() };
}

function readSetting(): number | null {
  try {
    return Number(readFileSync('/proc/sys/kernel/io_uring_disabled', 'utf8'));
  } catch {
    return null;
  }
}

const featureBitNames: readonly (readonly [string, number])[] = [
  ['tun', tun.IFF_TUN],
  ['tap', tun.IFF_TAP],
  ['napi', tun.IFF_NAPI],
  ['napiFrags', tun.IFF_NAPI_FRAGS],
  ['noCarrier', tun.IFF_NO_CARRIER],
  ['multiQueue', tun.IFF_MULTI_QUEUE],
  ['noPi', tun.IFF_NO_PI],
  ['oneQueue', tun.IFF_ONE_QUEUE],
  ['vnetHdr', tun.IFF_VNET_HDR],
];

function featureNames(bits: number): string[] {
  return featureBitNames.filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name);
}

function asProblem(error: unknown): TaplineError {
  return error instanceof TaplineError ? error : new TaplineError('NOT_SUPPORTED', String(error), { cause: error });
}
