import * as A from '../../assembly/abi.ts';
import type { Declaration } from './declaration.ts';
import { layOutConfig } from '../wasm/configBytes.ts';
import { stateLayout } from './stateLayout.ts';

/**
 * The source that makes a module of the author's functions: the loop over a batch, and the exports that the host calls.
 *
 * @param from the author's file, as an import names it
 * @param names what that file exports
 * @param hasMessages whether the host will lay out a trace ring
 */
export function entrySource(
  from: string,
  names: readonly string[],
  declaration: Declaration,
  hasMessages: boolean,
): string {
  const own = ['filter', 'init', 'tick'].filter((name) => names.includes(name));
  return [
    "import { at, decide, enter, first, now } from 'tapline/assembly/filter';",
    `import { ${own.join(', ')} } from '${from}';`,
    'export function tapline_judge(call: usize): void {',
    '  const count = enter(call);',
    '  for (let position = first(); position < count; position++) decide(filter(at(position)));',
    '}',
    ...(own.includes('init') ? ['export function tapline_init(call: usize): void { enter(call); init(); }'] : []),
    ...(own.includes('tick') ? ['export function tapline_tick(call: usize): void { enter(call); tick(now()); }'] : []),
    ...(declaration.heap === true ? block(declaration, hasMessages) : []),
  ].join('\n');
}

/** Where a module has memory of its own, the host needs room that the module leaves alone. */
function block(declaration: Declaration, hasMessages: boolean): string[] {
  const bytes = blockBytes(declaration, hasMessages);
  return [
    `export const tapline_block: i32 = <i32>memory.data(${bytes}, 64);`,
    `export const tapline_block_bytes: i32 = ${bytes};`,
  ];
}

/** What docs/filter-abi.md asks for. */
export function blockBytes(declaration: Declaration, hasMessages: boolean): number {
  const { config, state, window = A.WINDOW_DEFAULT_BYTES, headroom = 0 } = declaration;
  return (
    pad(layOutConfig(config ?? {}).bytes, 64) +
    pad(stateLayout(state).bytes, 64) +
    (hasMessages ? pad(A.TRACE_BYTES, 64) : 0) +
    A.BLOCK_FIXED_BYTES +
    256 * (pad(headroom, 16) + pad(window, 16))
  );
}

function pad(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}
