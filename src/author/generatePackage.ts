import type { ConfigField } from '../filter/declaration.ts';
import type { Declaration } from './declaration.ts';

// What programs import of a filter's package: `index.js`, and its types, made of filter.json.

/** `index.js`: the filter, ready for the `filters` of a pipeline. */
export function packageModule({ name }: Declaration): string {
  const filter = exportName(name);
  return [
    '// Made of filter.json by `tapline build`: changes are lost.',
    "import { wasmFilter } from 'tapline';",
    '',
    `const ${filter} = await wasmFilter(new URL('./build/filter.wasm', import.meta.url));`,
    `export default ${filter};`,
    '',
  ].join('\n');
}

/** `index.d.ts`: what can be set, with ranges and defaults, and what is counted. */
export function packageTypes({ name, config = {}, counters = [], reasons = [] }: Declaration): string {
  const filter = exportName(name);
  const hasConfig = Object.keys(config).length > 0;
  return [
    '// Made of filter.json by `tapline build`: changes are lost.',
    "import type { FilterSource } from 'tapline';",
    '',
    ...(hasConfig ? ['/** What can be set. */', 'export interface Config {', ...configFields(config), '}', ''] : []),
    `export type Counter = ${union(counters)};`,
    `export type Reason = ${union(reasons)};`,
    '',
    `/** \`filters: [${filter}${hasConfig ? '({ … })' : ''}]\` */`,
    `declare const ${filter}: (config?: ${hasConfig ? 'Config' : 'Readonly<Record<string, never>>'}) => FilterSource;`,
    `export default ${filter};`,
    '',
  ].join('\n');
}

/** `rate-limit` is `rateLimit` in code. */
export function exportName(name: string): string {
  const camel = name.replace(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase());
  const word = `${camel.charAt(0).toLowerCase()}${camel.slice(1)}`;
  return /^[A-Za-z_]/.test(word) && !RESERVED.includes(word)
    ? word
    : `filter${camel.charAt(0).toUpperCase()}${camel.slice(1)}`;
}

/** Words of JavaScript that cannot be the name of a constant (ECMA-262 12.7.2), as far as a filter might be called so. */
const RESERVED = (
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
  'false finally for function if implements import in instanceof interface let new null package private protected ' +
  'public return static super switch this throw true try typeof undefined var void while with yield'
).split(' ');

function configFields(config: Readonly<Record<string, ConfigField>>): string[] {
  return Object.entries(config).flatMap(([name, field]) => [
    `  /** ${words(field)} */`,
    `  readonly ${name}${field.default === undefined ? '' : '?'}: ${typeOf(field)};`,
  ]);
}

function words(field: ConfigField): string {
  const about = field.description === undefined ? [] : [field.description.replaceAll('*/', '* /')];
  const kind = 'min' in field || 'max' in field ? `${field.type}, ${range(field)}.` : `${field.type}.`;
  const standard = field.default === undefined ? 'Must be given.' : `Default ${JSON.stringify(field.default)}.`;
  return [...about, kind, standard].join(' ');
}

function range({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (max === undefined) return `from ${min ?? ''}`;
  return min === undefined ? `up to ${max}` : `${min} to ${max}`;
}

function typeOf({ type }: ConfigField): string {
  if (type === 'boolean') return 'boolean';
  return type === 'prefix' || type === 'port' ? 'string' : 'number';
}

function union(names: readonly string[]): string {
  return names.length === 0 ? 'never' : names.map((name) => `'${name}'`).join(' | ');
}
