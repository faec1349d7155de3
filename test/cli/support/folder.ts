import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder outside the project. */
export interface Folder extends Disposable {
  readonly path: string;
  /** Writes a file into it. @returns its path */
  write(name: string, text: string): string;
}

/** Makes one; disposing of it removes it. */
export function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'tapline-cli-'));
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      writeFileSync(file, text);
      return file;
    },
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
