import { type FSWatcher, existsSync, watch } from 'node:fs';
import { join } from 'node:path';

/** How long to wait for the next change before the first is told: editors write in several steps. */
const QUIET_MS = 60;
/** What the build itself writes. */
const MADE = /^(?:index\.js|index\.d\.ts|generated\.ts)|\.\d+$/;

export interface FolderWatch {
  close(): void;
}

/**
 * Calls `changed` when a source of a filter's package was saved: filter.json, asconfig.json, or anything below the given
 * folders. Saves that come close together are told once.
 */
export function watchFolder(folder: string, below: readonly string[], changed: () => void): FolderWatch {
  let timer: NodeJS.Timeout | undefined;
  const tell = (name: string | null): void => {
    if (name !== null && MADE.test(name.split('/').at(-1) ?? '')) return;
    clearTimeout(timer);
    timer = setTimeout(changed, QUIET_MS);
  };
  const watchers: FSWatcher[] = [
    watch(folder, (_, name) => {
      if (name === 'filter.json' || name === 'asconfig.json') tell(name);
    }),
    ...below
      .map((name) => join(folder, name))
      .filter((path) => existsSync(path))
      .map((path) =>
        watch(path, { recursive: true }, (_, name) => {
          tell(name);
        }),
      ),
  ];
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
