import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { TaplineError } from '../errors.ts';

// Where a filter's module lies. No code of its package runs to find out.

/**
 * The module of a package's folder.
 *
 * @throws {TaplineError} `BAD_FILE` when it was not built
 */
export function moduleOfFolder(folder: string): string {
  const path = join(folder, 'build/filter.wasm');
  if (existsSync(path)) return path;
  const isSource = existsSync(join(folder, 'filter.json'));
  const why = isSource
    ? `it was not built: tapline build ${folder}`
    : 'there is neither filter.json nor build/filter.wasm';
  throw new TaplineError('BAD_FILE', `Cannot use ${folder} as a filter: ${why}`, { path: folder });
}

/**
 * The module of an installed package: what it exports as `./filter.wasm`.
 *
 * @param from folder from which node_modules is looked for
 * @throws {TaplineError} `BAD_FILE` when it is not installed, or no filter
 */
export function moduleOfPackage(name: string, from: string): string {
  if (!/^(?:@[\w.-]+\/)?[\w.-]+$/.test(name)) {
    throw new TaplineError('BAD_FILE', `Cannot use npm:${name}: that is no name of a package`, { path: name });
  }
  try {
    return createRequire(join(from, 'package.json')).resolve(`${name}/filter.wasm`);
  } catch (cause) {
    throw new TaplineError('BAD_FILE', `Cannot use npm:${name}: ${whyNot(cause, name)}`, { cause, path: name });
  }
}

function whyNot(cause: unknown, name: string): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return 'it is installed, and no filter: it exports no ./filter.wasm';
  return `it is not installed here: npm install ${name}`;
}
