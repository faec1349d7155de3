import { readFileSync, readdirSync } from 'node:fs';
import ts from 'typescript';

/**
 * A fenced block of a page. Its info string is `LANGUAGE WORD…`:
 *
 * - `ts`, `js`: a module that ends by itself. `live`: it opens devices. `file=NAME`: it is a file that other blocks of the
 *   page use, and is not run for itself.
 * - `sh run`: command lines; one that prints `ready:` gets SIGINT. `sh setup`: what a user types once, and .ci/run too.
 * - `text`, `json`, nothing: output or pictures.
 */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly words: readonly string[];
  readonly code: string;
}

/** The pages whose code must run. */
export function pages(): string[] {
  return ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((name) => name.endsWith('.md'));
}

/** All fenced blocks of a page. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; info: string; code: string[] } | undefined;
  readFileSync(page, 'utf8')
    .split('\n')
    .forEach((text, index) => {
      const fence = /^```(.*)$/.exec(text);
      if (fence === null) open?.code.push(text);
      else if (open === undefined) open = { line: index + 1, info: fence[1] ?? '', code: [] };
      else {
        const [language = '', ...words] = open.info.split(' ');
        blocks.push({ page, line: open.line, language, words, code: open.code.join('\n') });
        open = undefined;
      }
    });
  return blocks;
}

/** Whether the block is code, which must run. */
export function isCode({ language }: Block): boolean {
  return !['', 'text', 'json'].includes(language);
}

/** Whether the block needs devices. */
export function isLive({ language, words }: Block): boolean {
  return words.includes('live') || (language === 'sh' && words.includes('run'));
}

/** Name of the file that the block is, if it is one. */
export function fileOf({ words }: Block): string | undefined {
  return words.find((word) => word.startsWith('file='))?.slice('file='.length);
}

/** The block as a module that every supported Node runs. */
export function moduleOf({ code, language }: Block): string {
  if (language === 'js') return code;
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}
