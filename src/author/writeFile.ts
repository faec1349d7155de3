import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file that others may be reading or watching: as a whole, and only where it changes something.
 *
 * @returns whether it was written
 */
export function writeFile(path: string, contents: string | Uint8Array): boolean {
  if (isSame(path, contents)) return false;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
  return true;
}

function isSame(path: string, contents: string | Uint8Array): boolean {
  try {
    return readFileSync(path).equals(Buffer.from(contents));
  } catch {
    return false;
  }
}
