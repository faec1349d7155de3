import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { UsageError } from './usageError.ts';

/**
 * Finds out before anything is done whether a file can be made there.
 *
 * @param option that names it, for the message
 * @returns its absolute path
 * @throws {UsageError} when its folder is missing
 */
export function writtenFile(option: string, text: string): string {
  const path = resolve(text);
  const folder = dirname(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return path;
  throw new UsageError(`Cannot write --${option} ${text}: there is no folder ${folder}`);
}
