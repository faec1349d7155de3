import type { DevicePort, EngineChoice } from '../../pipeline/declaration.ts';
import { suggest } from '../../suggest.ts';
import { filePath } from '../load/filePath.ts';
import { type FilterArgument, filterArguments, filterFiles } from '../load/filterArgument.ts';
import { type Settings, readSettings } from '../load/settings.ts';
import { type WatchedFilter, watchedFilters } from './watchedFilters.ts';
import { type Given, has, valueOf, valuesOf } from '../given.ts';
import { UsageError } from '../usageError.ts';
import { writtenFile } from '../writtenFile.ts';
import { portOptions, portsOf } from './ports.ts';

/** What `run` was asked to do: everything about it that can be told without running a file. */
export interface RunPlan {
  /** Ports by flags, or the path of a pipeline file. */
  readonly source: { readonly ports: readonly DevicePort[] } | { readonly file: string };
  /** Filters, in order. */
  readonly filters: readonly FilterArgument[];
  /** What `--set` said. */
  readonly settings: Settings;
  /** Packages that are built again at every save. */
  readonly watched: readonly WatchedFilter[];
  /** Undefined: what the pipeline file says, or `auto`. */
  readonly engine: EngineChoice | undefined;
  /** Microseconds; undefined: what the pipeline file says, or 0. */
  readonly busyPoll: number | undefined;
  /** Lanes; undefined: what the pipeline file says, or none. */
  readonly queues: number | undefined;
  readonly json: boolean;
  /** Where everything that comes in is captured. */
  readonly record: string | undefined;
  /** Whether super-packets are captured as segments. */
  readonly isCut: boolean;
  /** Say more on stderr. */
  readonly verbose: boolean;
}

/**
 * Checks a whole command line.
 *
 * @throws {UsageError}
 */
export function planOf(given: Given): RunPlan {
  return {
    source: sourceOf(given),
    filters: filterArguments(given),
    settings: readSettings(valuesOf(given, 'set')),
    watched: has(given, 'watch') ? watchedFilters(filterFiles(given)) : [],
    ...pollingOf(given),
    queues: queuesOf(given),
    json: has(given, 'json'),
    record: captureOption(given, 'write'),
    isCut: segmentOption(given),
    verbose: has(given, 'verbose'),
  };
}

/**
 * The value of an option that names a capture to be written.
 *
 * @throws {UsageError} when it and the summary would both go to stdout, or its folder is missing
 */
export function captureOption(given: Given, name: string): string | undefined {
  const path = valueOf(given, name);
  if (path === '-' && has(given, 'json')) {
    throw new UsageError(`Options --${name} - and --json exclude each other: both write to stdout`);
  }
  if (path !== undefined && path !== '-') writtenFile(name, path);
  return path;
}

/** @throws {UsageError} without a capture to be written */
export function segmentOption(given: Given): boolean {
  if (has(given, 'segment') && !has(given, 'write')) {
    throw new UsageError('Option --segment needs --write: it says how super-packets are captured');
  }
  return has(given, 'segment');
}

function sourceOf(given: Given): RunPlan['source'] {
  const [file] = given.operands;
  if (file === undefined) return { ports: portsOf(given) };
  const clash = given.options.find(({ name }) => portOptions.includes(name));
  if (clash !== undefined) {
    throw new UsageError(
      `A pipeline file and --${clash.name} exclude each other: ${file} declares its ports itself (allowed with it: --filter, --drop, --set, --watch, --write, --segment, --engine, --queues, --json)`,
    );
  }
  return { file: filePath(file, file) };
}

const engines: readonly EngineChoice[] = ['auto', 'uring', 'readloop'];

function engineOf(text: string | undefined): EngineChoice | undefined {
  if (text === undefined) return undefined;
  const engine = engines.find((name) => name === text);
  if (engine === undefined) {
    const hint = suggest(text, engines) || `: known are ${engines.join(', ')}`;
    throw new UsageError(`Unknown engine ${text}${hint}`);
  }
  return engine;
}

/** Only one of the engines polls. */
function pollingOf(given: Given): Pick<RunPlan, 'engine' | 'busyPoll'> {
  const engine = engineOf(valueOf(given, 'engine'));
  const busyPoll = busyPollOf(valueOf(given, 'busy-poll'));
  if (engine === 'readloop' && busyPoll !== undefined && busyPoll > 0) {
    throw new UsageError('Options --engine readloop and --busy-poll exclude each other: only uring polls');
  }
  return { engine, busyPoll };
}

const MOST_QUEUES = 64;

function queuesOf(given: Given): number | undefined {
  const text = valueOf(given, 'queues');
  if (text === undefined) return undefined;
  const queues = Number(text);
  if (!/^\d+$/.test(text) || queues < 1 || queues > MOST_QUEUES) {
    throw new UsageError(`Option --queues needs a number from 1 to ${MOST_QUEUES}, got ${JSON.stringify(text)}`);
  }
  if (has(given, 'write')) {
    throw new UsageError('Options --queues and --write exclude each other: a capture is written by one thread');
  }
  return queues;
}

const MOST_BUSY_POLL = 1_000_000;

function busyPollOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) <= MOST_BUSY_POLL) return Number(text);
  throw new UsageError(
    `Option --busy-poll needs microseconds from 0 to ${MOST_BUSY_POLL}, got ${JSON.stringify(text)}`,
  );
}
