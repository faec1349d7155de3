import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  compile(source: string, parts?: ProgramParts): string;
  close(): void;
}

/** What a C program is made of beside its source. */
export interface ProgramParts {
  /** Text that the source includes as `"program.h"`. Default: it includes none. */
  readonly header?: string;
  /** Libraries that it is linked with, as in `-lpcap`. Default none. */
  readonly libraries?: readonly string[];
}

const FLAGS = ['-O2', '-Wall', '-Wextra'];

/** @param folder where programs are put; default: a temporary one, removed by `close()` */
export function openPrograms(folder?: string): Programs {
  let made: string | undefined;
  let compiler: string | null | undefined;
  const compiled = new Map<string, string>();
  let number = 0;
  const place = (): string => folder ?? (made ??= mkdtempSync(join(tmpdir(), 'tapline-bench-')));
  return {
    compile(source, parts = {}) {
      const key = JSON.stringify([source, parts.header]);
      const before = compiled.get(key);
      if (before !== undefined) return before;
      compiler ??= findCompiler() ?? null;
      if (compiler === null) throw new Unavailable('there is no C compiler here (gcc, cc or clang)');
      const program = join(place(), `${number++}-${source.replace(/.*\//, '').replace(/\.c$/, '')}`);
      build(compiler, sourcePath(source), program, parts);
      compiled.set(key, program);
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

function build(compiler: string, source: string, program: string, { header, libraries = [] }: ProgramParts): void {
  const included = header === undefined ? [] : ['-I', writeHeader(`${program}.include`, header)];
  const linked = libraries.map((library) => `-l${library}`);
  try {
    execFileSync(compiler, [...FLAGS, ...included, '-o', program, source, ...linked], {
      stdio: 'pipe',
      timeout: 60_000,
    });
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Unavailable(`${compiler} cannot compile ${source}: ${firstError(text)}`);
  }
}

/** Puts the header into a folder of its own, and returns that. */
function writeHeader(folder: string, header: string): string {
  mkdirSync(folder);
  writeFileSync(join(folder, 'program.h'), header);
  return folder;
}

/** What compilers say first is often a place only. */
function firstError(text: string): string {
  const lines = text.trim().split('\n');
  return lines.find((line) => line.includes('error: ')) ?? lines[0] ?? '';
}

function sourcePath(source: string): string {
  return isAbsolute(source) ? source : join(packageFolder(), 'bench', 'c', `${source}.c`);
}

/** The folder of this package, built or not, installed or not. */
export function packageFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('tapline/package.json'));
}
