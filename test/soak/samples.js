import { readFileSync, readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median } from '../../bench/support/statistics.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const MIB = 2 ** 20;

/** What must not grow, garbage left out. */
export function sample() {
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    rssMiB: rss / MIB,
    heapMiB: (heapUsed + external) / MIB,
    descriptors: readdirSync('/proc/self/fd').length,
    maps: readFileSync('/proc/self/maps', 'utf8').split('\n').length,
    handles: process.getActiveResourcesInfo().filter((name) => name !== 'Timeout').length,
  };
}

/** By how much each may differ between the middle third and the last third of a run; the first third is for warming up. */
const LIMITS = { rssMiB: 1.5, heapMiB: 0.25, descriptors: 0, maps: 4, handles: 0 };

/** How much each figure has grown, and complaints about those that have grown too much. */
export function growth(samples) {
  const third = Math.floor(samples.length / 3);
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const figures = {};
  const complaints = [];
  for (const [name, limit] of Object.entries(LIMITS)) {
    const values = (part) => part.map((each) => each[name]);
    const [before, after] = [median(values(middle)), median(values(last))];
    figures[name] = { before: rounded(before), after: rounded(after), most: rounded(Math.max(...values(samples))) };
    if (after - before > limit) complaints.push(`${name} grew from ${rounded(before)} to ${rounded(after)}`);
  }
  return { figures, complaints };
}

function rounded(value) {
  return Math.round(value * 100) / 100;
}
