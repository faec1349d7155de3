import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FilterSource, Stage } from '../../filter/stage.ts';
import { openTrial } from '../../testing/trial.ts';
import { readFrames } from '../../testing/captures.ts';
import { wasmFilter } from '../../wasm/wasmFilter.ts';

/** What the packets of the fixtures cost. */
export interface FuelReport {
  readonly captures: number;
  readonly packets: number;
  /** Per packet. */
  readonly average: number;
  readonly most: number;
}

const PACKETS = 10_000;

/**
 * Runs the captures of `test/fixtures` through the filter with its default configuration and counts the fuel.
 *
 * @returns undefined where there are no packets
 * @throws {TypeError} when there is a field without a default
 */
export async function measureFuel(folder: string, wasm: Uint8Array): Promise<FuelReport | undefined> {
  const captures = capturesOf(folder);
  const frames: Uint8Array[] = [];
  for (const capture of captures) frames.push(...(await readFrames(capture)));
  if (frames.length === 0) return undefined;
  const used: number[] = [];
  const filter = await wasmFilter(wasm);
  await using trial = await openTrial(metered(filter(), used));
  for (const frame of frames.slice(0, PACKETS)) await trial.send(frame);
  const sum = used.reduce((total, fuel) => total + fuel, 0);
  return { captures: captures.length, packets: used.length, average: sum / used.length, most: Math.max(...used) };
}

function capturesOf(folder: string): string[] {
  const fixtures = join(folder, 'test/fixtures');
  if (!existsSync(fixtures)) return [];
  const names = readdirSync(fixtures).filter((name) => /\.(?:pcap|pcapng|cap)(?:\.gz)?$/.test(name));
  return names.sort().map((name) => join(fixtures, name));
}

/** The packets of a trial come one at a time, each in a batch of its own. */
function metered(source: FilterSource, used: number[]): FilterSource {
  return {
    ...source,
    open(host) {
      const stage: Stage & { readonly fuelUsed?: number } = source.open(host);
      const judge = stage.judge.bind(stage);
      stage.judge = (count, now) => {
        judge(count, now);
        used.push(stage.fuelUsed ?? 0);
      };
      return stage;
    },
  };
}
