import { readFile } from 'node:fs/promises';
import { type Builder, openBuilder } from '../../author/builder.ts';
import { moduleOfFolder } from '../../author/filterPackage.ts';
import { watchFolder } from '../../author/watchFolder.ts';
import { loadFilters } from '../load/filters.ts';
import type { Settings } from '../load/settings.ts';
import { say } from '../output.ts';
import type { AnyLine } from './drive.ts';
import type { WatchedFilter } from './watchedFilters.ts';

/**
 * Builds filters again at every save and exchanges them in the line, which goes on meanwhile.
 *
 * @returns what ends it
 */
export function watchFilters(filters: readonly WatchedFilter[], line: AnyLine, settings: Settings): () => void {
  const builder = openBuilder();
  let isClosed = false;
  let work = Promise.resolve();
  const watches = filters.map(({ folder, name: given }) => {
    let name = given;
    /** The module in the line; until one was exchanged, that of the folder before the first build. */
    let running: Buffer | undefined;
    let isBehind = false;
    const renew = async (): Promise<void> => {
      try {
        if (isClosed) return;
        running ??= await bytesOf(folder);
        const next = await exchange({ builder, line, settings, folder, name, running });
        if (next !== undefined) ({ name, running } = next);
        else if (isBehind) say(`built ${name}: the same as in the line`);
        isBehind = false;
      } catch (error) {
        isBehind = true;
        if (!isClosed) say(`${error instanceof Error ? error.message : String(error)}\nkept ${name} as it was`);
      }
    };
    // What was saved since it was built last comes in now, and the compiler is warm for the first save.
    work = work.then(renew);
    return watchFolder(folder, ['assembly'], () => {
      // Builds and exchanges stand in a row: the last save is what runs in the end.
      work = work.then(renew);
    });
  });
  return () => {
    isClosed = true;
    for (const watch of watches) watch.close();
    void builder.close();
  };
}

interface Running {
  /** Name of the filter in the line. */
  readonly name: string;
  /** Its module. */
  readonly running: Buffer;
}

interface Exchange extends Running {
  readonly builder: Builder;
  readonly line: AnyLine;
  readonly settings: Settings;
  readonly folder: string;
}

/**
 * Returns what is in the line now, or nothing when that has not changed. Throws, and leaves the old one, when the new one
 * cannot be built or started.
 */
async function exchange({ builder, line, settings, folder, name, running }: Exchange): Promise<Running | undefined> {
  const start = performance.now();
  const warnings = await builder.build(folder);
  if (warnings !== '') say(warnings);
  const built = await bytesOf(folder);
  if (running.equals(built)) return undefined;
  const [source] = await loadFilters(moduleOfFolder(folder), settings);
  if (source === undefined) return undefined;
  const now = await line.filters.replace(name, source);
  say(`exchanged ${now}: built and in the line in ${Math.round(performance.now() - start)} ms`);
  return { name: now, running: built };
}

function bytesOf(folder: string): Promise<Buffer> {
  return readFile(moduleOfFolder(folder));
}
