import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { TaplineError } from '../errors.ts';
import { writeSources } from './build.ts';
import { readFilterPackage } from './declaration.ts';
import { exportName } from './generatePackage.ts';
import { INSTALLATION } from './installation.ts';

/** What a new filter can begin as, with what it does. */
export const TEMPLATES = {
  'drop-port': 'Drops TCP and UDP packets to one port.',
  'rate-limit': 'Limits the packets per second of each source address.',
  rewrite: 'Sets the TTL of packets from some addresses.',
  counter: 'Counts packets by protocol and by size.',
} as const;
export type Template = keyof typeof TEMPLATES;

/**
 * Writes a complete filter package into a folder that must not exist, or be empty.
 *
 * @returns the files, by their paths in the folder
 * @throws {TypeError} when the folder's name cannot be a package's
 * @throws {TaplineError} `BAD_FILE` when there is something in the folder
 */
export function scaffold(folder: string, template: Template): string[] {
  const name = basename(resolve(folder));
  checkName(name);
  checkEmpty(folder);
  const texts = placeholders(name, template);
  const sources = [join(INSTALLATION, 'templates/common'), join(INSTALLATION, 'templates', template)];
  const files = sources.flatMap((source) =>
    filesOf(source).map((file) => ({ file: relative(source, file), source: file })),
  );
  for (const { file, source } of files) copy(source, join(folder, file), texts);
  // An editor finds everything from the beginning.
  writeSources(readFilterPackage(folder));
  return filesOf(folder)
    .map((path) => relative(folder, path))
    .sort();
}

/** Rules of npm for names, without scopes. */
function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) return;
  throw new TypeError(
    `Cannot call a package ${JSON.stringify(name)}: take small letters, digits, dashes, dots and underscores, 64 at most`,
  );
}

function checkEmpty(folder: string): void {
  if (!existsSync(folder)) return;
  const isEmpty = statSync(folder).isDirectory() && readdirSync(folder).length === 0;
  if (isEmpty) return;
  throw new TaplineError(
    'BAD_FILE',
    `Cannot make ${folder}: it exists, and nothing is overwritten: take another name`,
    {
      path: folder,
    },
  );
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

/** npm leaves files called .gitignore out of packages, and a package.json inside of one would be taken for another's. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['_gitignore', '.gitignore'],
  ['package.template.json', 'package.json'],
]);

function copy(source: string, target: string, texts: ReadonlyMap<string, string>): void {
  const path = join(dirname(target), RENAMED.get(basename(target)) ?? basename(target));
  mkdirSync(dirname(path), { recursive: true });
  const contents = readFileSync(source);
  if (path.endsWith('.pcap')) writeFileSync(path, contents, { flag: 'wx' });
  else writeFileSync(path, filled(contents.toString(), texts), { flag: 'wx' });
}

function filled(text: string, texts: ReadonlyMap<string, string>): string {
  return text.replace(/\{\{([\w-]+)\}\}/g, (whole, name: string) => texts.get(name) ?? whole);
}

/** Versions of the tools are those that this installation was tested with. */
function placeholders(name: string, template: Template): ReadonlyMap<string, string> {
  const own = JSON.parse(readFileSync(join(INSTALLATION, 'package.json'), 'utf8')) as OwnPackage;
  const tools = ['assemblyscript', 'fast-check', 'typescript', 'vitest'].map(
    (tool) => [tool, own.devDependencies[tool] ?? '*'] as const,
  );
  return new Map([
    ...tools,
    ['name', name],
    ['identifier', exportName(name)],
    ['about', TEMPLATES[template]],
    ['version', own.version],
    // Until tapline is on the registry, a new package uses the installation that made it.
    ['tapline', `file:${INSTALLATION}`],
  ]);
}

interface OwnPackage {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}
