import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TaplineError } from '../errors.ts';
import { INSTALLATION } from './installation.ts';
import FilterTransform from './transform.ts';

export type Target = 'release' | 'debug';

/** What the compiler made. */
export interface Compiled {
  readonly wasm: Uint8Array;
  /** Source map of a debug build. */
  readonly sourceMap?: string;
  /** What the compiler warned of. */
  readonly warnings: string;
}

/**
 * Compiles a filter's package, in this process: a second time it takes a fraction of the first.
 *
 * @param folder with filter.json, assembly/index.ts, and an asconfig.json whose options are added to ours
 * @throws {TaplineError} `BAD_FILE` with the compiler's messages, each with its file and line
 */
export async function compile(folder: string, target: Target): Promise<Compiled> {
  const asc = await loadCompiler(folder);
  const written = new Map<string, Uint8Array | string>();
  const said: string[] = [];
  const stream = { write: (text: string | Uint8Array) => said.push(String(text)) };
  const config = JSON.stringify(await configOf(folder));
  const { error } = await asc.main(['assembly/index.ts', '--baseDir', folder, '--target', target], {
    transforms: [FilterTransform],
    stdout: stream,
    stderr: stream,
    readFile: (name, base) => (basename(name) === 'asconfig.json' ? config : readSource(name, base)),
    writeFile: (name, contents) => void written.set(basename(name), contents),
    listFiles: () => null,
  });
  const text = said.join('').trim();
  const wasm = written.get('filter.wasm');
  if (error !== null || !(wasm instanceof Uint8Array)) throw failure(folder, text, error);
  const sourceMap = written.get('filter.wasm.map');
  return { wasm, warnings: text, ...(typeof sourceMap === 'string' ? { sourceMap } : {}) };
}

interface Compiler {
  main(args: readonly string[], options: CompilerOptions): Promise<{ readonly error: Error | null }>;
}
interface CompilerOptions {
  readonly transforms: readonly (typeof FilterTransform)[];
  readonly stdout: { write(text: string): void };
  readonly stderr: { write(text: string): void };
  readFile(name: string, base: string): string | null | Promise<string | null>;
  writeFile(name: string, contents: Uint8Array | string): void;
  listFiles(): null;
}

/** The package's own compiler, or else the one beside us. Nothing that only runs filters needs one. */
async function loadCompiler(folder: string): Promise<Compiler> {
  for (const from of [folder, INSTALLATION]) {
    try {
      const found = createRequire(join(from, 'package.json')).resolve('assemblyscript/package.json');
      return (await import(pathToFileURL(join(dirname(found), 'dist/asc.js')).href)) as Compiler;
    } catch (cause) {
      if (from === INSTALLATION) {
        const text = 'Cannot compile: assemblyscript is not installed: npm install --save-dev assemblyscript';
        throw new TaplineError('BAD_FILE', text, { cause });
      }
    }
  }
  throw new TypeError('unreachable');
}

/** What the ABI asks of a module is not for the package to change. */
const FIXED = ['importMemory', 'noExportMemory', 'sharedMemory', 'zeroFilledMemory', 'maximumMemory', 'memoryBase'];

interface Config {
  readonly targets?: Readonly<Record<string, object>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Our configuration with the package's options over it. The transform is handed over instead of named. */
async function configOf(folder: string): Promise<Config> {
  const ours = JSON.parse(await readFile(join(INSTALLATION, 'asconfig.filter.json'), 'utf8')) as Config;
  const own = await readFile(join(folder, 'asconfig.json'), 'utf8').catch(() => '{}');
  const theirs = JSON.parse(own) as Config;
  const options: Readonly<Record<string, unknown>> = { ...ours.options, transform: [] };
  const fixed = Object.fromEntries(FIXED.map((name) => [name, options[name]]));
  const outFile = { outFile: 'build/filter.wasm' };
  const targets = Object.fromEntries(
    ['release', 'debug'].map((name) => [name, { ...ours.targets?.[name], ...theirs.targets?.[name], ...outFile }]),
  );
  return { targets, options: { ...options, ...theirs.options, ...fixed } };
}

/** `tapline/assembly/…` is always that of the installation that compiles. */
async function readSource(name: string, base: string): Promise<string | null> {
  const own = /(?:^|\/)node_modules\/tapline\/(assembly\/.*)$/.exec(name)?.[1];
  try {
    return await readFile(own === undefined ? resolve(base, name) : join(INSTALLATION, own), 'utf8');
  } catch {
    return null;
  }
}

function failure(folder: string, text: string, error: Error | null): TaplineError {
  return new TaplineError('BAD_FILE', `Cannot compile ${folder}:\n${text}`, { cause: error, path: folder });
}
