import * as L from '../../assembly/layout.ts';
import type { ConfigValue } from '../filter/config.ts';
import type { StageHost } from '../filter/stage.ts';
import type { FilterModule } from './filterModule.ts';
import { Runner } from './runner.ts';

/** What a rehearsal may take, in milliseconds and in batches. The line stands still meanwhile. */
const LIMIT_MS = 1;
const LIMIT_BATCHES = 200;

/** Modules whose code is warm; all instances of a module share it. */
const warm = new WeakSet<WebAssembly.Module>();

/**
 * Lets a module judge copies of the line's last batch over and over, in a memory that is thrown away: V8 compiles its
 * functions when they are first called, and better when they were called often. Nothing of the line is changed.
 *
 * @returns what it trapped with, and the runner that did
 */
export function rehearse(
  module: FilterModule,
  host: StageHost,
  config: Readonly<Record<string, ConfigValue>>,
  count: number,
): { readonly error: unknown; readonly runner: Runner } | undefined {
  if (count === 0) return undefined;
  listAll(host, count);
  const runner = new Runner(module, host, { isTrusted: false, seed: 0 });
  runner.setConfig(config);
  try {
    runner.init(false);
    const deadline = performance.now() + LIMIT_MS;
    const batches = warm.has(module.compiled) ? 1 : LIMIT_BATCHES;
    for (let batch = 0; batch < batches && performance.now() < deadline; batch++) {
      runner.begin(count, batch, module.manifest.headroom);
      runner.judge();
    }
    warm.add(module.compiled);
    return undefined;
  } catch (error) {
    return { error, runner };
  }
}

/** Between two batches list and outcomes are nobody's. */
function listAll({ arena: { view, bytes } }: StageHost, count: number): void {
  for (let i = 0; i < count; i++) view.setUint16(L.ACTIVE_OFFSET + i * L.INDEX_BYTES, i, true);
  bytes.fill(0, L.OUTCOMES_OFFSET, L.OUTCOMES_OFFSET + count * L.OUTCOME_BYTES);
}
