import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { release } from 'node:os';

/** What bug reports should contain: `tapline 0.1.0 (node 20.20.2, V8 11.3, linux-x64 6.18)`. */
export function versionLine(): string {
  const { node, v8 } = process.versions;
  return `tapline ${packageVersion()} (node ${node}, V8 ${v8}, ${process.platform}-${process.arch} ${release()})`;
}

function packageVersion(): string {
  const path = createRequire(import.meta.url).resolve('tapline/package.json');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
  return version;
}
