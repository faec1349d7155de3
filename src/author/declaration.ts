import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TaplineError } from '../errors.ts';
import type { Manifest } from '../filter/declaration.ts';
import { checkDeclaration } from './checkDeclaration.ts';

/** What filter.json says: the one place where a compiled filter's configuration, counters, reasons and state stand. */
export interface Declaration extends Manifest {
  /** Of the JSON Schema, for editors. */
  readonly $schema?: string;
  /** Bytes of each frame that the filter looks at. Default 128. */
  readonly window?: number;
  /** Bytes that it pushes, at most. Default 0. */
  readonly headroom?: number;
  /** Whether it changes frames. Default false. */
  readonly writes?: boolean;
  readonly checksums?: 'partial' | 'complete';
  readonly superPackets?: 'whole' | 'segments';
  readonly onShort?: 'continue' | 'drop';
  readonly onOutside?: 'continue' | 'drop';
  readonly fuelPerPacket?: number;
  readonly memoryPages?: number;
  readonly tickMilliseconds?: number;
  readonly breaker?: { readonly traps?: number; readonly then?: 'bypass' | 'closed' | 'reload' };
  /** Whether the filter allocates or has data of its own: then it needs a sandbox. Default false. */
  readonly heap?: boolean;
  readonly state?: StateDeclaration;
}

/** Memory that outlives a batch, and a hot swap to the same version. */
export interface StateDeclaration {
  readonly version: number;
  readonly fields: Readonly<Record<string, StateField>>;
}

export type NumberType = 'u8' | 'u16' | 'u32' | 'u64' | 'i32' | 'f64';
/** What the value of a table is made of. */
export type ValueType = NumberType | 'TokenBucket';

export type StateField =
  | { readonly type: NumberType; readonly length?: number }
  | { readonly type: 'TokenBucket' }
  | { readonly type: 'LruMap'; readonly capacity: number; readonly value: ValueFields }
  | {
      readonly type: 'FlowTable';
      readonly capacity: number;
      readonly key: 'flow' | 'source' | 'destination' | 'pair';
      readonly value: ValueFields;
    }
  | { readonly type: 'PrefixTable'; readonly capacity: number };

export type ValueFields = Readonly<Record<string, ValueType>>;

/** A filter's package, as far as building it needs to know. */
export interface FilterPackage {
  readonly folder: string;
  /** Version in package.json. */
  readonly version: string;
  readonly declaration: Declaration;
}

/**
 * Reads and checks filter.json and package.json of a folder.
 *
 * @throws {TaplineError} `BAD_FILE`
 */
export function readFilterPackage(folder: string): FilterPackage {
  const declaration = readJson(join(folder, 'filter.json'));
  const { version } = readJson(join(folder, 'package.json')) as { readonly version?: unknown };
  return {
    folder,
    version: typeof version === 'string' ? version : '0.0.0',
    declaration: checked(declaration, folder),
  };
}

function checked(declaration: unknown, folder: string): Declaration {
  try {
    checkDeclaration(declaration);
    return declaration;
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw new TaplineError('BAD_FILE', `Cannot use ${join(folder, 'filter.json')}: ${cause.message}`, { cause });
  }
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const hint = path.endsWith('filter.json') ? ': a filter package has one; tapline new makes such a package' : '';
    throw new TaplineError('BAD_FILE', `Cannot read ${path}${hint}`, { cause, path });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TaplineError('BAD_FILE', `Cannot read ${path}: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
      path,
    });
  }
}
