import { readFile } from 'node:fs/promises';
import { type Builder, openBuilder } from '../../author/builder.ts';
import { moduleOfFolder } from '../../author/filterPackage.ts';
import { watchFolder } from '../../author/watchFolder.ts';
import type { Line } from '../../pipeline/line.ts';
import { loadFilters } from '../load/filters.ts';
import type { Settings } from '../load/settings.ts';
import { say } from '../output.ts';
import type { WatchedFilter } from './watchedFilters.ts';

/**
 * Builds filters again at every save and exchanges them in the line, which goes on meanwhile.
 *
 * @returns what ends it
 */
export function watchFilters(filters: readonly WatchedFilter[], line: Line, settings: Settings): () => void {
  const builder = openBuilder();
  let isClosed = false;
  let work = Promise.resolve();
  const watches = filters.map(({ folder, name: given }) => {
    let name = given;
    const renew = async (): Promise<void> => {
      try {
        if (!isClosed) name = await exchange({ builder, line, settings, folder, name });
      } catch (error) {
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

interface Exchange {
  readonly builder: Builder;
  readonly line: Line;
  readonly settings: Settings;
  readonly folder: string;
  /** Name of the filter in the line. */
  readonly name: string;
}

/** Returns the name that the filter has in the line now. Throws, and leaves the old one, when the new one cannot be built or started. */
async function exchange({ builder, line, settings, folder, name }: Exchange): Promise<string> {
  const start = performance.now();
  const before = await bytesOf(folder);
  const warnings = await builder.build(folder);
  if (warnings !== '') say(warnings);
  if (before.equals(await bytesOf(folder))) return name;
  const [source] = await loadFilters(moduleOfFolder(folder), settings);
  if (source === undefined) return name;
  const now = line.filters.replace(name, source);
  say(`exchanged ${now}: built and in the line in ${Math.round(performance.now() - start)} ms`);
  return now;
}

function bytesOf(folder: string): Promise<Buffer> {
  return readFile(moduleOfFolder(folder));
}
