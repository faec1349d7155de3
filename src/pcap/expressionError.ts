import { TaplineError } from '../errors.ts';

/** A filter expression that cannot be compiled: where, and what would help. */
export class ExpressionError extends TaplineError {
  /** Line in the expression, from 1. */
  readonly line: number;
  /** Character in that line, from 1. */
  readonly column: number;

  constructor(expression: string, offset: number, problem: string) {
    const before = expression.slice(0, offset);
    const lineStart = before.lastIndexOf('\n') + 1;
    const line = before.split('\n').length;
    const column = offset - lineStart + 1;
    super(
      'BAD_EXPRESSION',
      `Cannot compile the expression: ${problem} (line ${line}, column ${column})\n${excerpt(expression, lineStart, column)}`,
    );
    this.line = line;
    this.column = column;
  }
}

/** Characters shown before and behind the place. */
const CONTEXT = 60;

/** The line with a caret below the place; of a long line only the part around it. */
function excerpt(expression: string, lineStart: number, column: number): string {
  const line = (expression.slice(lineStart).split('\n', 1)[0] ?? '').replace(/[\p{Cc}]/gu, ' ');
  const from = Math.max(0, column - 1 - CONTEXT);
  const shown = line.slice(from, column - 1 + CONTEXT);
  return `  ${shown}\n  ${' '.repeat(column - 1 - from)}^`;
}
