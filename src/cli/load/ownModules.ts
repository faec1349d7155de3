import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Where `import … from 'tapline'` leads: always to this installation, so that there is one copy of it, also for a file in
 * a folder without node_modules.
 *
 * @returns undefined for all other specifiers
 */
export function ownModule(specifier: string): string | undefined {
  return ownModules.get(specifier);
}

/** Found out before any hook is installed: in a hook, asking Node would ask the hook again. */
const ownModules: ReadonlyMap<string, string> = new Map(
  ['tapline', 'tapline/testing', 'tapline/testing/arbitraries'].flatMap((specifier) => {
    const url = resolveOwn(specifier);
    return url === undefined ? [] : [[specifier, url]];
  }),
);

function resolveOwn(specifier: string): string | undefined {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve(specifier)).href;
  } catch {
    // A part that this installation does not have.
    return undefined;
  }
}
