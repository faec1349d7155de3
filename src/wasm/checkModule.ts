import * as A from '../../assembly/abi.ts';
import { refuse } from './refusal.ts';
import { HOST_PREFIX } from './rewrite.ts';
import { type Export, I32, type Import, type Shape } from './shape.ts';
import { MANIFEST_SECTION } from './names.ts';

/** Pages that the import must allow, so that the host can choose fewer. */
const MAXIMUM_PAGES = 65_536;
const TABLE_LIMIT = 10_000;

/** What the host must know of a module that passed. */
export interface Entries {
  readonly hasInit: boolean;
  readonly hasTick: boolean;
  /** Pages that its memory begins with. */
  readonly minimumPages: number;
  /** Where its block lies and how many bytes it reserved; undefined: wherever the host likes. */
  readonly block: { readonly address: number; readonly bytes: number } | undefined;
}

/** Checks imports, memory, exports and their signatures. */
export function checkModule(shape: Shape): Entries {
  const minimumPages = checkImports(shape);
  if (shape.tableEntries > TABLE_LIMIT) {
    refuse(`it has a table of ${shape.tableEntries} entries: ${TABLE_LIMIT} are the most`);
  }
  for (const name of shape.exports.keys()) {
    if (name.startsWith(HOST_PREFIX))
      refuse(`it exports '${name}': names that begin with ${HOST_PREFIX} are the host's`);
  }
  if (!shape.exports.has('tapline_judge')) refuse(missingJudge(shape));
  checkFunction(shape, 'tapline_judge');
  const hasInit = checkFunction(shape, 'tapline_init');
  const hasTick = checkFunction(shape, 'tapline_tick');
  return { hasInit, hasTick, minimumPages, block: blockOf(shape) };
}

function checkImports({ imports, memories }: Shape): number {
  const other = imports.find(({ module, name, kind }) => module !== 'env' || name !== 'memory' || kind !== 'memory');
  if (other !== undefined) refuse(forbidden(other));
  const [memory] = imports;
  if (memories > 0) refuse('it has a memory of its own: it must import env.memory (asc: --importMemory)');
  if (memory === undefined) return refuse('it does not import env.memory (asc: --importMemory)');
  if (imports.length > 1) refuse('it imports env.memory twice');
  if (!memory.isShared) refuse('its memory is not shared (asc: --sharedMemory --enable threads)');
  if (memory.maximum !== MAXIMUM_PAGES) {
    refuse(
      `its memory has a maximum of ${memory.maximum ?? 'no'} pages: it must be ${MAXIMUM_PAGES} (asc: --maximumMemory ${MAXIMUM_PAGES}); the host chooses fewer`,
    );
  }
  return memory.minimum;
}

function forbidden({ module, name, kind }: Import): string {
  const hint = module === 'env' && name === 'abort' ? ' (asc: --use abort=)' : '';
  return `it imports the ${kind} ${module}.${name}: a filter may import nothing but env.memory${hint}`;
}

function missingJudge(shape: Shape): string {
  const hasManifest = shape.sections.some(({ name }) => name === MANIFEST_SECTION);
  return hasManifest ? 'it does not export tapline_judge' : 'it is no tapline filter: it does not export tapline_judge';
}

/** Whether the function is there; it must be (i32) => void. */
function checkFunction(shape: Shape, name: string): boolean {
  const found = shape.exports.get(name);
  if (found === undefined) return false;
  if (found.kind !== 'function') refuse(`its export ${name} is no function`);
  const { parameters = [], results = [] } = shape.types[shape.functions[found.index] ?? -1] ?? {};
  const fits = parameters.length === 1 && parameters[0] === I32 && results.length === 0;
  if (!fits) refuse(`its export ${name} must take one i32 and return nothing`);
  return true;
}

function blockOf({ exports, globals }: Shape): Entries['block'] {
  const address = numberOf('tapline_block');
  const bytes = numberOf('tapline_block_bytes');
  if (address === undefined && bytes === undefined) return undefined;
  if (address === undefined || bytes === undefined) {
    return refuse('it exports one of tapline_block and tapline_block_bytes without the other');
  }
  if (address % A.BLOCK_ALIGNMENT !== 0 || address <= 0)
    refuse(`its tapline_block ${address} is not aligned to 64, or 0`);
  return { address, bytes };

  function numberOf(name: string): number | undefined {
    const found: Export | undefined = exports.get(name);
    if (found === undefined) return undefined;
    const global = found.kind === 'global' ? globals[found.index] : undefined;
    if (global?.type !== I32 || global.isMutable || global.constant === undefined) {
      return refuse(`its export ${name} must be an immutable i32 global with a constant`);
    }
    return global.constant >>> 0;
  }
}
