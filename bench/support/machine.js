import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';

/** Prints what the figures below were measured on. */
export function printMachine() {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const load = loadavg()[0].toFixed(2);
  console.log(`tapline ${version}, Node ${process.versions.node} (V8 ${process.versions.v8}), Linux ${release()}`);
  console.log(`${availableParallelism()} × ${model}, load ${load}; medians, in brackets the least and the most`);
}
