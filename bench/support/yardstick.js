import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Compiles a C program of this folder into build/, unless it is there already. Returns its path. */
export function compile(name) {
  const source = fileURLToPath(new URL(`../${name}.c`, import.meta.url));
  const folder = fileURLToPath(new URL('../../build/', import.meta.url));
  const program = `${folder}${name}`;
  if (modified(program) > modified(source)) return program;
  mkdirSync(folder, { recursive: true });
  execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-o', program, source], { stdio: 'inherit' });
  return program;
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
