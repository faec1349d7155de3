import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';

import { UsageError } from '../usageError.ts';

/** What can hold a pipeline. */
const SCRIPTS = ['.ts', '.mts', '.mjs', '.js'];
/** What can hold a filter. */
export const FILTER_FILES = [...SCRIPTS, '.wasm'];

/**
 * The absolute path of a filter or pipeline file that was named on the command line.
 *
 * @param what how the command line named it, for error texts
 * @throws {UsageError} when it is no path, or there is no such file
 */
export function filePath(text: string, what: string, extensions: readonly string[] = SCRIPTS): string {
  if (!existsSync(text)) throw new UsageError(`Cannot find ${what}: ${missing(text, extensions)}`);
  if (!statSync(text).isFile()) throw new UsageError(`Cannot use ${what}: it is not a file`);
  if (!extensions.includes(extname(text))) {
    throw new UsageError(`Cannot use ${what}: the name must end in ${extensions.join(', ')}`);
  }
  return resolve(text);
}

function missing(text: string, extensions: readonly string[]): string {
  const isPath = /^\.{0,2}\//.test(text) || FILTER_FILES.includes(extname(text));
  if (isPath || !extensions.includes('.wasm')) return 'there is no such file';
  return `there is no such file, and an installed package would be npm:${text}`;
}
