import assert from 'node:assert/strict';
import type { FilterFactory, FilterLike } from '../filter/define.ts';
import { frames } from './frameArbitraries.ts';
import { type ConfigOf, type TrialOptions, type TriedPacket, openTrial } from './trial.ts';

/** How a filter is checked. */
export interface CheckOptions<Config> extends TrialOptions<Config> {
  /** Sequences of packets that are tried. Default 50. */
  readonly runs?: number;
  /** Bytes of each frame that the filter may change. Default: as its manifest says; for filters in TypeScript, all. */
  readonly window?: number;
}

/**
 * Holds a filter to what every filter owes: it fails for no packet, it says the same of the same packets, and it changes
 * bytes only where its manifest says so. Packets are made by fast-check, which must be installed; the shortest sequence
 * for which it does not hold is what the error shows.
 *
 * @throws {Error} when it does not hold
 */
export async function checkFilter<Filter extends FilterLike | FilterFactory>(
  filter: Filter,
  options: CheckOptions<ConfigOf<Filter>> = {},
): Promise<void> {
  const fc = await import('fast-check');
  const { runs = 50, window, ...trial } = options;
  const sequences = fc.array(frames(fc, options.link === 'ip' ? 'ip' : 'ethernet'), { minLength: 1, maxLength: 12 });
  const limits = limitsOf(filter, window);
  const property = fc.asyncProperty(sequences, async (sequence) => {
    const first = await tryAll(filter, sequence, trial);
    sequence.forEach((frame, i) => {
      checkPacket(frame, first[i], limits);
    });
    assert.deepEqual(await tryAll(filter, sequence, trial), first, 'the same packets get the same verdicts');
  });
  await fc.assert(property, { numRuns: runs });
}

/** What a filter may change. */
interface Limits {
  readonly writes: boolean;
  readonly window: number;
}

interface WasmManifest {
  readonly abi?: number;
  readonly writes?: boolean;
  readonly window?: number;
}

/** A manifest of a compiled filter says more than one in TypeScript does. */
function limitsOf(filter: FilterLike | FilterFactory, window: number | undefined): Limits {
  const source = typeof filter === 'function' ? filter() : filter;
  const manifest = ('manifest' in source ? source.manifest : {}) as WasmManifest;
  if (manifest.abi === undefined) return { writes: true, window: window ?? Infinity };
  return { writes: manifest.writes ?? false, window: window ?? manifest.window ?? 128 };
}

/** Time stands at a millisecond per packet: a filter that looks at it sees the same each time. */
async function tryAll<Filter extends FilterLike | FilterFactory>(
  filter: Filter,
  sequence: readonly Uint8Array[],
  options: TrialOptions<ConfigOf<Filter>>,
): Promise<TriedPacket[]> {
  await using trial = await openTrial(filter, options);
  const tried: TriedPacket[] = [];
  for (const [i, frame] of sequence.entries()) tried.push(await trial.send(frame, { now: i * 1_000_000 }));
  return tried;
}

function checkPacket(frame: Uint8Array, tried: TriedPacket | undefined, { writes, window }: Limits): void {
  assert.equal(tried?.error, undefined, `the filter failed for ${hex(frame)}`);
  const bytes = tried?.bytes;
  if (bytes === undefined) return;
  if (!writes) assert.equal(hex(bytes), hex(frame), 'the filter changes frames, and does not declare that it writes');
  // Behind the window nothing changes, wherever the frame begins now.
  const tail = hex(frame.subarray(window));
  assert.ok(tail === '' || hex(bytes).endsWith(tail), `bytes behind the window of ${window} were changed`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
