import { pathToFileURL } from 'node:url';
import type { ModuleRecipe } from '../../filter/recipe.ts';
import { isInstalled } from './hooks.ts';

/** The way to a value of a module: the name of an export, then keys. */
export type ModulePath = readonly (string | number)[];

/** How a worker imports a value of a file of the user, by the same hooks as this thread did. */
export function recipeOf(path: string, way: ModulePath, argument?: unknown): ModuleRecipe {
  const preload = isInstalled() ? new URL('./register.js', import.meta.url).href : undefined;
  return { kind: 'module', url: pathToFileURL(path).href, path: way, argument, preload };
}
