import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { release } from 'node:os';

import { probeTun, type TunProbe } from '../../device/features.ts';
import { type EngineProbe, probeEngine } from '../../pipeline/engineProbe.ts';
import { stripsTypes } from '../load/transpile.ts';

/** Everything that the checks judge, found out in one go. */
export interface Facts {
  /** As in `process.versions.node`. */
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
  readonly kernel: string;
  /** Effective user id; −1 where there are none. */
  readonly userId: number;
  /** Effective capabilities as a bit mask; null where /proc does not say. */
  readonly capabilities: bigint | null;
  readonly tun: TunProbe;
  readonly engine: EngineProbe;
  /** Whether `unshare -Urn` works; null when there is no such program. */
  readonly hasUserNamespaces: boolean | null;
  /** How TypeScript files would be read. */
  readonly typescript: 'native' | 'package' | 'none';
}

export async function gatherFacts(): Promise<Facts> {
  return {
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    kernel: release(),
    userId: process.geteuid?.() ?? -1,
    capabilities: effectiveCapabilities(),
    tun: await probeTun(),
    engine: await probeEngine(),
    hasUserNamespaces: tryUserNamespace(),
    typescript: stripsTypes() ? 'native' : hasCompiler() ? 'package' : 'none',
  };
}

function effectiveCapabilities(): bigint | null {
  try {
    const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return mask === undefined ? null : BigInt(`0x${mask}`);
  } catch {
    return null;
  }
}

function tryUserNamespace(): boolean | null {
  const { error, status } = spawnSync('unshare', ['-Urn', 'true'], { stdio: 'ignore', timeout: 5_000 });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return null;
  return status === 0;
}

function hasCompiler(): boolean {
  try {
    createRequire(import.meta.url).resolve('typescript');
    return true;
  } catch {
    return false;
  }
}
