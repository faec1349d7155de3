import { ExpressionError } from '../expressionError.ts';
import { parseIpv6, parseMac, parseNumber } from './numbers.ts';
import { CONSTANTS, type Word, isUnsupported, wordOf } from './words.ts';

/** Characters of an expression, at most. */
export const EXPRESSION_LIMIT = 1_000_000;

/** One token, with where it stands. `address` has two to four parts, as in `10.1`. */
export type Token = { readonly offset: number; readonly text: string } & (
  | { readonly kind: 'word'; readonly word: Word }
  | { readonly kind: 'operator' | 'name' | 'address' | 'ipv6' | 'mac' | 'arcnet' | 'unsupported' | 'end' }
  | { readonly kind: 'number'; readonly value: number }
);

/**
 * Splits an expression into tokens: at each place the longest one that fits, as libpcap does, so that `80-90` is one name
 * and `a0b1c2d3e4f5` a MAC address. The last token has kind `end`.
 *
 * @throws {ExpressionError}
 */
export function tokenize(expression: string): Token[] {
  if (expression.length > EXPRESSION_LIMIT) {
    throw new ExpressionError('', 0, `it is longer than ${EXPRESSION_LIMIT} characters`);
  }
  const tokens: Token[] = [];
  let offset = skipSpace(expression, 0);
  while (offset < expression.length) {
    const token = tokenAt(expression, offset);
    tokens.push(token);
    offset = skipSpace(expression, offset + token.text.length);
  }
  tokens.push({ kind: 'end', text: '', offset: expression.length });
  return tokens;
}

function skipSpace(expression: string, from: number): number {
  SPACE.lastIndex = from;
  return SPACE.test(expression) ? SPACE.lastIndex : from;
}

const SPACE = /[ \t\r\n]+/y;
const OPERATOR = /&&|\|\||<<|>>|<=|>=|!=|==|[-+*/%^&|!<>=()[\]:]/y;
const BYTE = '[\\da-fA-F]{1,2}';
const QUAD = '[\\da-fA-F]{4}';
const NUMBER = '(?:0[xX][\\da-fA-F]+|\\d+)';
const MAC = new RegExp(
  [
    ...[':', '-', '\\.'].map((by) => `${BYTE}(?:${by}${BYTE}){5}`),
    `${QUAD}\\.${QUAD}\\.${QUAD}`,
    `(?:${QUAD}){3}`,
  ].join('|'),
  'y',
);
const ARCNET = new RegExp(`\\$${BYTE}`, 'y');
const PLAIN_NUMBER = new RegExp(NUMBER, 'y');
const ADDRESS = new RegExp(`${NUMBER}(?:\\.${NUMBER}){1,3}`, 'y');
const COLONS = /[\da-fA-F:.]*/y;
/** What looks like a MAC address and is none. */
const BROKEN_MAC = new RegExp(`${BYTE}:+(?:${BYTE}:+)+`, 'y');
const NAME = /[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/y;
const ESCAPED = /\\[^ !()\n\t]+/y;

/** In the order in which equally long tokens win. */
const LITERALS = [
  ['arcnet', ARCNET],
  ['mac', MAC],
  ['number', PLAIN_NUMBER],
  ['address', ADDRESS],
  ['ipv6', undefined],
  ['brokenMac', BROKEN_MAC],
  ['name', NAME],
] as const;

function tokenAt(expression: string, offset: number): Token {
  let kind: (typeof LITERALS)[number][0] | undefined;
  let text = '';
  for (const [candidate, pattern] of LITERALS) {
    const found = pattern === undefined ? ipv6At(expression, offset) : match(pattern, expression, offset);
    if (found.length > text.length) [kind, text] = [candidate, found];
  }
  const operator = match(OPERATOR, expression, offset);
  if (operator.length > text.length) return operatorToken(operator, offset);
  if (kind !== undefined) return literalToken(expression, offset, kind, text);
  const escaped = match(ESCAPED, expression, offset);
  if (escaped !== '') return { kind: 'name', text: escaped, offset };
  const character = String.fromCodePoint(expression.codePointAt(offset) ?? 0);
  throw new ExpressionError(expression, offset, `${JSON.stringify(character)} has no meaning here`);
}

function match(pattern: RegExp, expression: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.exec(expression)?.[0] ?? '';
}

/** The longest IPv6 address that begins here; an address has at most 45 characters. */
function ipv6At(expression: string, offset: number): string {
  const run = match(COLONS, expression, offset).slice(0, 45);
  if (!run.includes(':')) return '';
  for (let length = run.length; length > 1; length--) {
    if (parseIpv6(run.slice(0, length)) !== undefined) return run.slice(0, length);
  }
  return '';
}

const WRITTEN_WORDS: Readonly<Record<string, Word>> = { '&&': 'and', '||': 'or', '!': 'not' };

function operatorToken(text: string, offset: number): Token {
  const word = WRITTEN_WORDS[text];
  return word === undefined ? { kind: 'operator', text, offset } : { kind: 'word', text, offset, word };
}

function literalToken(
  expression: string,
  offset: number,
  kind: Exclude<(typeof LITERALS)[number][0], undefined>,
  text: string,
): Token {
  if (kind === 'brokenMac') throw new ExpressionError(expression, offset, `'${text}' is no MAC address`);
  if (kind === 'number') return { kind, text, offset, value: numberOf(expression, offset, text) };
  if (kind === 'mac' && parseMac(text) === undefined)
    throw new ExpressionError(expression, offset, `'${text}' is no MAC address`);
  return kind === 'name' ? nameToken(text, offset) : { kind, text, offset };
}

function numberOf(expression: string, offset: number, text: string): number {
  const value = parseNumber(text);
  if (value === undefined) {
    throw new ExpressionError(expression, offset, `'${text}' is no number: a leading 0 makes it octal`);
  }
  if (value > 0xffffffff) throw new ExpressionError(expression, offset, `${text} does not fit into 32 bits`);
  return value;
}

function nameToken(text: string, offset: number): Token {
  const word = wordOf(text);
  if (word !== undefined) return { kind: 'word', text, offset, word };
  const value = CONSTANTS.get(text);
  if (value !== undefined) return { kind: 'number', text, offset, value };
  return { kind: isUnsupported(text) ? 'unsupported' : 'name', text, offset };
}
