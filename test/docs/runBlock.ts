import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Block, blocksOf, fileOf, moduleOf } from './blocks.ts';

/** How a command ended. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

const TIMEOUT_MS = 55_000;

/**
 * A folder for the blocks of a page, with the files that the page names and a `tapline` command. It lies inside the
 * package, so that `import … from 'tapline'` finds the built library.
 */
export function pageFolder(page: string): { readonly path: string; remove(): void } {
  mkdirSync('build', { recursive: true });
  const path = mkdtempSync(join(resolve('build'), 'docs-'));
  const command = join(path, 'tapline');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/src/cli/main.js')}' "$@"\n`);
  chmodSync(command, 0o755);
  // Packages that a page makes are no part of this one, and find it as an installed one.
  mkdirSync(join(path, 'node_modules'));
  symlinkSync(resolve('.'), join(path, 'node_modules/tapline'));
  for (const block of blocksOf(page)) {
    const file = fileOf(block);
    if (file !== undefined) writeFileSync(join(path, file), block.code);
  }
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Runs a block to its end. */
export async function runBlock(block: Block, folder: string): Promise<Outcome> {
  if (block.language === 'sh') return runLines(block.code.split('\n'), folder);
  const file = join(folder, `block-${block.line}.mjs`);
  writeFileSync(file, moduleOf(block));
  return run(process.execPath, [file], folder);
}

async function runLines(lines: readonly string[], folder: string): Promise<Outcome> {
  let output = '';
  for (const line of joinContinued(lines)) {
    const outcome = await run('/bin/sh', ['-c', `exec ${line}`], folder);
    output += outcome.output;
    if (outcome.code !== 0) return { code: outcome.code, output: `${line}\n${output}` };
  }
  return { code: 0, output };
}

/** Command lines without comments; a backslash at the end joins two. */
function joinContinued(lines: readonly string[]): string[] {
  return lines
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

function run(command: string, parameters: readonly string[], cwd: string): Promise<Outcome> {
  const env = { ...process.env, PATH: `${cwd}:${process.env['PATH'] ?? ''}`, NODE_NO_WARNINGS: '1' };
  const child = spawn(command, parameters, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  let output = '';
  const take = (chunk: Buffer): void => {
    const wasReady = output.includes('ready:');
    output += chunk.toString();
    if (!wasReady && output.includes('ready:')) setTimeout(() => child.kill('SIGINT'), 200);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((done) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      done({ code, output });
    });
  });
}
