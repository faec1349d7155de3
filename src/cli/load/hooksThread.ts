import type { LoadHook, ResolveHook } from 'node:module';

import { ownModule } from './ownModules.ts';
import { needsTranspiling, transpile } from './transpile.ts';

// What `hooks.ts` does, for the thread in which Node 20 runs hooks. Node finds these two by their names.

export const resolve: ResolveHook = (specifier, context, next) => {
  const url = ownModule(specifier);
  return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
};

export const load: LoadHook = (url, context, next) =>
  needsTranspiling(url) ? { format: 'module', source: transpile(url), shortCircuit: true } : next(url, context);
