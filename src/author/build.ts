import { join } from 'node:path';
import { compile } from './compile.ts';
import { type Declaration, readFilterPackage } from './declaration.ts';
import { packageModule, packageTypes } from './generatePackage.ts';
import { writeGenerated } from './transform.ts';
import { writeFile } from './writeFile.ts';

/** What a build made. */
export interface Built {
  readonly folder: string;
  readonly version: string;
  readonly declaration: Declaration;
  readonly release: BuiltModule;
  /** Undefined when only the release was asked for. */
  readonly debug?: BuiltModule;
  /** What the compiler warned of. */
  readonly warnings: string;
}

export interface BuiltModule {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Builds a filter's package: the names of filter.json for AssemblyScript and TypeScript, `build/filter.wasm`, and, unless
 * only the release is asked for, `build/filter.debug.wasm` with its source map. A build that fails changes no module.
 *
 * @throws {TaplineError} `BAD_FILE` with the compiler's messages
 */
export async function build(folder: string, options: { readonly isReleaseOnly?: boolean } = {}): Promise<Built> {
  const filterPackage = readFilterPackage(folder);
  const { declaration, version } = filterPackage;
  writeGenerated(filterPackage);
  writeFile(join(folder, 'index.js'), packageModule(declaration));
  writeFile(join(folder, 'index.d.ts'), packageTypes(declaration));
  const release = await compile(folder, 'release');
  const debug = options.isReleaseOnly === true ? undefined : await compile(folder, 'debug');
  const made = { folder, version, declaration, warnings: release.warnings };
  const modules = { release: write(folder, 'filter.wasm', release.wasm) };
  if (debug === undefined) return { ...made, ...modules };
  writeFile(join(folder, 'build/filter.debug.wasm.map'), debug.sourceMap ?? '');
  return { ...made, ...modules, debug: write(folder, 'filter.debug.wasm', debug.wasm) };
}

function write(folder: string, name: string, bytes: Uint8Array): BuiltModule {
  const path = join(folder, 'build', name);
  writeFile(path, bytes);
  return { path, bytes };
}
