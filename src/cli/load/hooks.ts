import * as nodeModule from 'node:module';

import { ownModule } from './ownModules.ts';
import { needsTranspiling, stripsTypes, transpile } from './transpile.ts';

let hasHooks = false;

/**
 * Lets files of the user import `tapline` from anywhere, and be written in TypeScript on every Node. Node 22.15 and later
 * run hooks in this thread; Node 20 runs them in one of its own (`hooksThread.ts`).
 */
export function installHooks(): void {
  if (hasHooks) return;
  hasHooks = true;
  const register = (nodeModule as { readonly registerHooks?: RegisterHooks }).registerHooks;
  if (register === undefined) nodeModule.register('./hooksThread.js', import.meta.url);
  else register({ resolve: resolveHook, load: loadHook });
  if (!stripsTypes()) process.setSourceMapsEnabled(true);
}

/** Whether this thread has them. */
export function isInstalled(): boolean {
  return hasHooks;
}

/** As in Node 22.15; the types that we build with are those of Node 20. */
type RegisterHooks = (hooks: { readonly resolve: typeof resolveHook; readonly load: typeof loadHook }) => void;

interface Resolved {
  readonly url: string;
  readonly format?: string | null | undefined;
  readonly shortCircuit?: boolean;
}

interface Loaded {
  readonly format: string;
  readonly source?: unknown;
  readonly shortCircuit?: boolean;
}

type Next<Result> = (subject: string, context: object) => Result;

function resolveHook(specifier: string, context: object, next: Next<Resolved>): Resolved {
  const url = ownModule(specifier);
  return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
}

function loadHook(url: string, context: object, next: Next<Loaded>): Loaded {
  return needsTranspiling(url) ? { format: 'module', source: transpile(url), shortCircuit: true } : next(url, context);
}
