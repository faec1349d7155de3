import { suggest } from '../../suggest.ts';
import { ExpressionError } from '../expressionError.ts';
import type { Token } from './lexer.ts';
import { type Word, allWords } from './words.ts';

/** Parentheses, `not` and the like within each other, at most. */
const DEPTH_LIMIT = 500;

/** Where the parser is in the list of tokens, and how deep. */
export class Cursor {
  readonly expression: string;
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;

  constructor(expression: string, tokens: readonly Token[]) {
    this.expression = expression;
    this.#tokens = tokens;
  }

  /** The token at hand. */
  get token(): Token {
    return this.peek(0);
  }

  /** The token `ahead` places further on. */
  peek(ahead: number): Token {
    const token = this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new RangeError('There are no tokens');
    return token;
  }

  /** Takes the token at hand. */
  take(): Token {
    const { token } = this;
    this.#position++;
    return token;
  }

  get isAtEnd(): boolean {
    return this.token.kind === 'end';
  }

  isWord(word: Word): boolean {
    return this.token.kind === 'word' && this.token.word === word;
  }

  isOperator(text: string): boolean {
    return this.token.kind === 'operator' && this.token.text === text;
  }

  takeOperator(text: string, what: string): void {
    if (!this.isOperator(text)) this.fail(`expected '${text}' ${what}`);
    this.take();
  }

  takeNumber(what: string): number {
    const { token } = this;
    if (token.kind !== 'number') this.fail(`expected a number: ${what}`);
    this.take();
    return token.value;
  }

  /** Does what nests, unless it nests too deeply. */
  within<Result>(parse: () => Result): Result {
    if (this.#depth >= DEPTH_LIMIT) this.fail(`it is nested more than ${DEPTH_LIMIT} deep`);
    this.#depth++;
    const result = parse();
    this.#depth--;
    return result;
  }

  fail(problem: string, { offset } = this.token): never {
    throw new ExpressionError(this.expression, offset, problem);
  }

  /** Fails at the token at hand with the most likely reason. */
  failUnexpected(expected: string): never {
    const { token } = this;
    if (token.kind === 'end') this.fail(`it ends where ${expected} is expected`);
    if (token.kind === 'unsupported') {
      this.fail(`'${token.text}' is not supported: it is for link types that tapline does not carry`);
    }
    const hint = token.kind === 'name' ? meantWord(token.text) : '';
    this.fail(`unexpected '${token.text}'${hint === '' ? `: expected ${expected}` : hint}`);
  }
}

/** `: did you mean 'port'?` for `prot`: first the word with the same letters, then the nearest one. */
export function meantWord(text: string): string {
  const letters = (word: string): string => Array.from(word).sort().join('');
  const swapped = allWords.find((word) => letters(word) === letters(text));
  return swapped === undefined ? suggest(text, allWords) : `: did you mean '${swapped}'?`;
}
