import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

import { Unavailable } from './benchCase.ts';

/** C programs that figures are compared with, or made with. */
export interface Programs {
  /**
   * Compiles a program unless that was done before.
   *
   * @param source a name as of `bench/c`, or the absolute path of a C file
   * @returns the path of the program
   * @throws {Unavailable} where there is no compiler, or it refuses
   */
  compile(source: string): string;
  close(): void;
}

const FLAGS = ['-O2', '-Wall', '-Wextra'];

/** @param folder where programs are put; default: a temporary one, removed by `close()` */
export function openPrograms(folder?: string): Programs {
  let made: string | undefined;
  let compiler: string | null | undefined;
  const compiled = new Map<string, string>();
  const place = (): string => folder ?? (made ??= mkdtempSync(join(tmpdir(), 'tapline-bench-')));
  return {
    compile(source) {
      const before = compiled.get(source);
      if (before !== undefined) return before;
      compiler ??= findCompiler() ?? null;
      if (compiler === null) throw new Unavailable('there is no C compiler here (gcc, cc or clang)');
      const program = join(place(), `${compiled.size}-${source.replace(/.*\//, '').replace(/\.c$/, '')}`);
      build(compiler, sourcePath(source), program);
      compiled.set(source, program);
      return program;
    },
    close() {
      if (made !== undefined) rmSync(made, { recursive: true, force: true });
    },
  };
}

/** The first compiler that runs; `CC` goes before all. Undefined: there is none. */
export function findCompiler(): string | undefined {
  const { CC: own } = process.env;
  const choices = [...(own === undefined || own === '' ? [] : [own]), 'gcc', 'cc', 'clang'];
  return choices.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore', timeout: 10_000 }).status === 0);
}

function build(compiler: string, source: string, program: string): void {
  try {
    execFileSync(compiler, [...FLAGS, '-o', program, source], { stdio: 'pipe', timeout: 60_000 });
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Unavailable(`${compiler} cannot compile ${source}: ${text.trim().split('\n')[0] ?? ''}`);
  }
}

function sourcePath(source: string): string {
  return isAbsolute(source) ? source : join(packageFolder(), 'bench', 'c', `${source}.c`);
}

/** The folder of this package, built or not, installed or not. */
export function packageFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('tapline/package.json'));
}
