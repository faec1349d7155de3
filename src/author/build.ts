import { join } from 'node:path';
import { type Compiled, type Target, compile } from './compile.ts';
import { type Declaration, type FilterPackage, readFilterPackage } from './declaration.ts';
import { packageModule, packageTypes } from './generatePackage.ts';
import { inspectModule } from './inspectModule.ts';
import { writeGenerated } from './transform.ts';
import { writeFile } from './writeFile.ts';

/** What a build made; what was not asked for is undefined. */
export interface Built {
  readonly folder: string;
  readonly version: string;
  readonly declaration: Declaration;
  readonly release?: BuiltModule;
  readonly debug?: BuiltModule;
  /** What the compiler warned of. */
  readonly warnings: string;
}

export interface BuiltModule {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Builds a filter's package: the names of filter.json for AssemblyScript and TypeScript, `build/filter.wasm`, and
 * `build/filter.debug.wasm` with its source map. A build that fails changes no module.
 *
 * @param options.targets which of the two. Default both
 * @throws {TaplineError} `BAD_FILE` with the compiler's messages; `BAD_FILTER` when a line would refuse the module
 */
export async function build(
  folder: string,
  { targets = ['release', 'debug'] }: { readonly targets?: readonly Target[] } = {},
): Promise<Built> {
  const filterPackage = readFilterPackage(folder);
  const { declaration, version } = filterPackage;
  writeSources(filterPackage);
  const compiled = new Map<Target, Compiled>();
  for (const target of targets) {
    const made = await compile(folder, target);
    // What no line would take is not written.
    await inspectModule(made.wasm, `${folder} (${target})`);
    compiled.set(target, made);
  }
  const release = compiled.get('release');
  const debug = compiled.get('debug');
  return {
    folder,
    version,
    declaration,
    warnings: [...compiled.values()][0]?.warnings ?? '',
    ...(release === undefined ? {} : { release: write(folder, 'filter.wasm', release) }),
    ...(debug === undefined ? {} : { debug: write(folder, 'filter.debug.wasm', debug) }),
  };
}

/** Writes what is made of filter.json alone: the names for AssemblyScript, and the module and types for programs. */
export function writeSources(filterPackage: FilterPackage): void {
  const { folder, declaration } = filterPackage;
  writeGenerated(filterPackage);
  writeFile(join(folder, 'index.js'), packageModule(declaration));
  writeFile(join(folder, 'index.d.ts'), packageTypes(declaration));
}

/** The map first: whoever sees the module finds the map that belongs to it. */
function write(folder: string, name: string, { wasm, sourceMap }: Compiled): BuiltModule {
  const path = join(folder, 'build', name);
  if (sourceMap !== undefined) writeFile(`${path}.map`, sourceMap);
  writeFile(path, wasm);
  return { path, bytes: wasm };
}
