import { readFileSync } from 'node:fs';

import type { BenchGroup } from '../../bench/benchCase.ts';
import type { Effort } from '../../bench/effort.ts';
import { readReport } from '../../bench/readReport.ts';
import type { Report } from '../../bench/report.ts';
import { groupsAt } from '../../bench/time.ts';
import { suggest } from '../../suggest.ts';
import { type Given, has, valueOf, valuesOf } from '../given.ts';
import { type NamedFilter, namedFilter } from '../load/filterArgument.ts';
import { UsageError } from '../usageError.ts';
import { writtenFile } from '../writtenFile.ts';

/** What `bench` was asked to do, but for the groups. */
export interface BenchPlan {
  readonly effort: Effort;
  readonly seed: number;
  /** Names of groups, or of kinds; empty: all. */
  readonly names: readonly string[];
  /** What is measured instead; files have absolute paths. */
  readonly filters: readonly NamedFilter[];
  readonly json: boolean;
  readonly list: boolean;
  /** Absolute path of the report to be written. */
  readonly output: string | undefined;
  readonly baseline: Report | undefined;
}

/**
 * Checks a whole command line; the baseline is read, too.
 *
 * @throws {UsageError}
 */
export function planOf(given: Given): BenchPlan {
  const baseline = valueOf(given, 'baseline');
  return {
    effort: effortOf(given),
    seed: seedOf(valueOf(given, 'seed')),
    names: given.operands,
    filters: valuesOf(given, 'filter').map(namedFilter),
    json: has(given, 'json'),
    list: has(given, 'list'),
    output: outputOf(valueOf(given, 'output')),
    baseline: baseline === undefined ? undefined : baselineOf(baseline),
  };
}

/**
 * The groups that are meant.
 *
 * @throws {UsageError} when a name is none
 */
export function chooseGroups(all: readonly BenchGroup[], { names, effort }: BenchPlan): BenchGroup[] {
  const known = [...all.map(({ name }) => name), 'micro', 'live'];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`Unknown group ${unknown}${suggest(unknown, known) || `: known are ${known.join(', ')}`}`);
  }
  if (names.length === 0) return groupsAt(all, effort);
  const possible = groupsAt(all, effort);
  return all.filter((group) => names.includes(group.name) || (names.includes(group.kind) && possible.includes(group)));
}

function effortOf(given: Given): Effort {
  const [quick, full] = [has(given, 'quick'), has(given, 'full')];
  if (quick && full) throw new UsageError('Options --quick and --full exclude each other');
  return quick ? 'quick' : full ? 'full' : 'default';
}

function seedOf(text = '1'): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw new UsageError(`Option --seed needs a number of 0 to ${2 ** 32 - 1}, got ${JSON.stringify(text)}`);
}

/** What cannot be written is found out before minutes are spent. */
function outputOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!text.endsWith('.json')) throw new UsageError(`Option --output needs a name that ends in .json, got ${text}`);
  return writtenFile('output', text);
}

function baselineOf(text: string): Report {
  let json: string;
  try {
    json = readFileSync(text, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read --baseline ${text}: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return readReport(json);
  } catch (error) {
    throw new UsageError(`Cannot use --baseline ${text}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
