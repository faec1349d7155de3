import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { moduleOfFolder, moduleOfPackage } from '../../author/filterPackage.ts';
import { FILTER_FILES, filePath } from './filePath.ts';

/**
 * The file of a filter that was named on the command line: a file, the folder of a built package, or `npm:NAME` of an
 * installed one.
 *
 * @throws {UsageError} when there is no such file
 * @throws {TaplineError} `BAD_FILE` when a package is not built, not installed, or no filter
 */
export function filterPath(text: string): string {
  return fromPackage(text) ?? filePath(text, `--filter ${text}`, FILTER_FILES);
}

/** The same of a filter that must be compiled. */
export function modulePath(text: string): string {
  return fromPackage(text) ?? filePath(text, text, ['.wasm']);
}

function fromPackage(text: string): string | undefined {
  if (text.startsWith('npm:')) return moduleOfPackage(text.slice('npm:'.length), process.cwd());
  return isFolder(text) ? moduleOfFolder(resolve(text)) : undefined;
}

/** Whether this names the folder of a package. */
export function isFolder(text: string): boolean {
  return existsSync(text) && statSync(text).isDirectory();
}
