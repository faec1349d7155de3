import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type ts from 'typescript';

import { TaplineError } from '../../errors.ts';

/** Whether this file is TypeScript that this Node cannot read by itself. */
export function needsTranspiling(url: string): boolean {
  return url.startsWith('file:') && /\.m?ts$/.test(url) && !stripsTypes();
}

/** Node 22.18 and later take types away by themselves. */
export function stripsTypes(): boolean {
  // The types that we build with are those of Node 20.
  return Boolean((process.features as { readonly typescript?: unknown }).typescript);
}

/**
 * Turns a TypeScript file into JavaScript by the `typescript` package. Types are not checked.
 *
 * @throws {SyntaxError} with file and line
 * @throws {TaplineError} `BAD_FILE` when the package is not installed
 */
export function transpile(url: string): string {
  const compiler = loadCompiler(url);
  const fileName = fileURLToPath(url);
  const { outputText, diagnostics = [] } = compiler.transpileModule(readFileSync(fileName, 'utf8'), {
    fileName,
    reportDiagnostics: true,
    compilerOptions: {
      target: compiler.ScriptTarget.ES2022,
      module: compiler.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
  });
  const [first] = diagnostics;
  if (first !== undefined) throw new SyntaxError(describe(compiler, first));
  return outputText;
}

/** Ours first, then the one beside the file. */
function loadCompiler(url: string): typeof ts {
  for (const from of [import.meta.url, url]) {
    try {
      return createRequire(from)('typescript') as typeof ts;
    } catch {
      // Perhaps the other place has it.
    }
  }
  throw new TaplineError(
    'BAD_FILE',
    `Node ${process.version} does not read TypeScript: use Node 22.18 or later, or npm install typescript`,
  );
}

function describe(compiler: typeof ts, { file, start, messageText }: ts.Diagnostic): string {
  const text = compiler.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined || start === undefined) return text;
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return `${file.fileName}:${line + 1}:${character + 1}: ${text}`;
}
