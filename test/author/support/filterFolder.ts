import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** A folder for one filter package, with what `npm install` would put there taken from this checkout. */
export interface FilterFolder {
  readonly path: string;
  /** Writes files by their paths. */
  write(files: Readonly<Record<string, string | object>>): void;
  remove(): void;
}

/** The package itself lies in `name`, which does not exist yet. */
export function filterFolder(name = 'sample'): FilterFolder {
  const parent = mkdtempSync(join(tmpdir(), 'tapline-filter-'));
  linkModules(join(parent, 'node_modules'));
  const path = join(parent, name);
  return {
    path,
    write(files) {
      for (const [file, contents] of Object.entries(files)) {
        const target = join(path, file);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, typeof contents === 'string' ? contents : JSON.stringify(contents));
      }
    },
    remove() {
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

function linkModules(modules: string): void {
  mkdirSync(modules);
  for (const name of readdirSync('node_modules')) {
    if (!name.startsWith('.')) symlinkSync(resolve('node_modules', name), join(modules, name));
  }
  symlinkSync(resolve('.'), join(modules, 'tapline'));
}

/** A package with this filter and this declaration. */
export function sources(filter: string, declaration: object = {}): Record<string, string | object> {
  return {
    'package.json': { name: 'sample', version: '1.2.3', type: 'module' },
    'filter.json': { name: 'sample', ...declaration },
    'assembly/index.ts': filter,
  };
}
