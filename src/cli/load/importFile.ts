import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { TaplineError } from '../../errors.ts';
import { installHooks } from './hooks.ts';
import { syntaxErrorOf } from './syntaxError.ts';

/**
 * Imports a file of the user, which may be TypeScript and may import `tapline` wherever it lies.
 *
 * @returns its default export; undefined when it has none
 * @throws {TaplineError} `BAD_FILE` when it cannot be imported
 */
export async function importDefault(path: string): Promise<unknown> {
  try {
    if (needsHooks(path)) installHooks();
    const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
    return module.default;
  } catch (cause) {
    throw new TaplineError('BAD_FILE', `Cannot load ${shortPath(path)}: ${reasonOf(cause, path)}`, { cause, path });
  }
}

/** A file that imports nothing needs none, and starts faster: Node 20 starts a thread for them. */
function needsHooks(path: string): boolean {
  return !isJavaScript(path) || /\bimport\s*[\w$*{"'(]|\bfrom\s*["']|\brequire\s*\(/.test(readFileSync(path, 'utf8'));
}

function isJavaScript(path: string): boolean {
  return /\.m?js$/.test(path);
}

/** As the user would write it. */
export function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : `./${near}`;
}

/** Why, and where if the file itself is to blame. */
function reasonOf(cause: unknown, path: string): string {
  if (!(cause instanceof Error)) return String(cause);
  const text = `${cause.name}: ${cause.message}`;
  if (!(cause instanceof SyntaxError)) return [text, ...framesOutside(cause).slice(0, 1)].join('\n');
  const head = cause.stack?.split('\n    at ')[0] ?? text;
  return head === text && isJavaScript(path) ? (syntaxErrorOf(path) ?? text) : head;
}

/** Stack frames that are neither ours nor Node's. */
function framesOutside({ stack = '' }: Error): string[] {
  const own = fileURLToPath(new URL('.', import.meta.url));
  return stack.split('\n').filter((line) => /^ +at .*\//.test(line) && !line.includes(own) && !line.includes('node:'));
}
