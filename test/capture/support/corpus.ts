import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where captures that nobody in this project made may lie. */
const folder = process.env['TAPLINE_CORPUS'] ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url));

/** Paths of all captures there; none if there is no such folder. */
export const corpusFiles: readonly string[] =
  statSync(folder, { throwIfNoEntry: false }) === undefined
    ? []
    : readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(p?cap|pcapng)$/.test(name))
        .sort()
        .map((name) => join(folder, name));

/** Whether there is no corpus, which is said once. */
export const isCorpusMissing = corpusFiles.length === 0;
if (isCorpusMissing) console.log(`skipped: no captures in ${folder} (TAPLINE_CORPUS names another folder)`);

/** All captures by name. */
export function readCorpus(): { readonly name: string; readonly path: string; readonly bytes: Uint8Array }[] {
  return corpusFiles.map((path) => ({ name: basename(path), path, bytes: new Uint8Array(readFileSync(path)) }));
}
