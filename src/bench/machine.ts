import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { createRequire } from 'node:module';

/** What figures were measured on. */
export interface Machine {
  readonly processor: string;
  /** Logical processors that this process may use. */
  readonly processors: number;
  readonly memoryMib: number;
  readonly architecture: string;
  readonly kernel: string;
  /** `'performance'`, `'schedutil'`, …; null: it cannot be read, as in most virtual machines. */
  readonly governor: string | null;
  /** Whether the processor says that a hypervisor is beneath; null: it cannot be told. */
  readonly isVirtual: boolean | null;
  readonly node: string;
  readonly v8: string;
  readonly tapline: string;
  /** Load average of the last minute when this was asked: who else was there. */
  readonly load: number;
}

/** Describes the machine as it is now. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    processors: availableParallelism(),
    memoryMib: Math.round(totalmem() / 2 ** 20),
    architecture: process.arch,
    kernel: `${process.platform} ${release()}`,
    governor: readLine('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    isVirtual: hasHypervisor(),
    node: process.versions.node,
    v8: process.versions.v8,
    tapline: packageVersion(),
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** Two lines for people. */
export function machineText(machine: Machine): string[] {
  const { processor, processors, memoryMib, architecture, kernel, governor, isVirtual, load } = machine;
  return [
    `tapline ${machine.tapline}, Node ${machine.node} (V8 ${machine.v8}), ${kernel}, ${architecture}`,
    `${processors} × ${processor}, ${memoryMib} MiB, ${isVirtual === true ? 'virtual, ' : ''}governor ${governor ?? 'unknown'}, load ${load.toFixed(2)}`,
  ];
}

function hasHypervisor(): boolean | null {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
    return flags === undefined ? null : /\bhypervisor\b/.test(flags);
  } catch {
    return null;
  }
}

function readLine(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

function packageVersion(): string {
  const path = createRequire(import.meta.url).resolve('tapline/package.json');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
  return version;
}
