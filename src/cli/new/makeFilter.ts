import { relative, resolve } from 'node:path';
import { TEMPLATES, type Template, scaffold } from '../../author/scaffold.ts';
import { suggest } from '../../suggest.ts';
import { EXIT_OK } from '../exitCodes.ts';
import { type Given, valueOf } from '../given.ts';
import { print, say } from '../output.ts';
import { shellQuote } from '../permission.ts';
import { UsageError } from '../usageError.ts';

/** `tapline new`: writes the files and says what comes next. */
export function makeFilter(given: Given): number {
  const [name] = given.operands;
  if (name === undefined) throw new UsageError('Option NAME is missing: tapline new my-filter');
  const template = templateOf(valueOf(given, 'template') ?? 'drop-port');
  const folder = resolve(name);
  for (const file of written(folder, template)) print(`${name}/${file}`);
  say(next(folder));
  return EXIT_OK;
}

function templateOf(text: string): Template {
  const known = Object.keys(TEMPLATES) as Template[];
  const template = known.find((one) => one === text);
  if (template !== undefined) return template;
  throw new UsageError(`Unknown template ${text}${suggest(text, known) || `: known are ${known.join(', ')}`}`);
}

function written(folder: string, template: Template): string[] {
  try {
    return scaffold(folder, template);
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

function next(folder: string): string {
  return [
    '',
    'Next:',
    `  cd ${shellQuote(relative(process.cwd(), folder) || '.')}`,
    '  npm install',
    '  npm test',
    '',
    'Then change assembly/index.ts, with `npm run dev` in another terminal.',
  ].join('\n');
}
