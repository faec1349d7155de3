import type { Cursor } from './cursor.ts';
import type { Arithmetic, BinaryOperator } from './syntax.ts';
import { isProtocol } from './words.ts';

/** How tightly an operator binds. `%` and `^` have no place in libpcap's order: see `binaryFrom`. */
const STRENGTH: Readonly<Record<BinaryOperator, number>> = {
  '|': 1,
  '&': 2,
  '<<': 3,
  '>>': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': Infinity,
  '^': Infinity,
};
const NEGATION_STRENGTH = 6;

/** Whether an arithmetic expression begins here; one in parentheses cannot be told by its first token. */
export function beginsArithmetic(cursor: Cursor): boolean {
  const { token } = cursor;
  if (token.kind === 'number' || cursor.isWord('len') || cursor.isOperator('-')) return true;
  return token.kind === 'word' && isProtocol(token.word) && cursor.peek(1).text === '[';
}

/** `tcp[13] & 2`, `len - 14`. */
export function parseArithmetic(cursor: Cursor): Arithmetic {
  return binaryFrom(cursor, parseOperand(cursor), 0);
}

/**
 * Goes on behind a left operand, with operators that bind more tightly than `least`. `%` and `^` are always taken, and
 * take everything behind them as their right operand: `7 % 4 + 1` is `7 % (4 + 1)`, as in libpcap.
 */
export function binaryFrom(cursor: Cursor, first: Arithmetic, least: number): Arithmetic {
  let left = first;
  for (;;) {
    const operator = operatorAt(cursor);
    if (operator === undefined || STRENGTH[operator] <= least) return left;
    const { offset } = cursor.take();
    const isGreedy = STRENGTH[operator] === Infinity;
    const right = cursor.within(() => binaryFrom(cursor, parseOperand(cursor), isGreedy ? 0 : STRENGTH[operator]));
    left = { type: 'binary', operator, left, right, offset };
  }
}

function operatorAt({ token }: Cursor): BinaryOperator | undefined {
  return token.kind === 'operator' && Object.hasOwn(STRENGTH, token.text) ? (token.text as BinaryOperator) : undefined;
}

function parseOperand(cursor: Cursor): Arithmetic {
  const { token } = cursor;
  const { offset } = token;
  if (token.kind === 'number') {
    cursor.take();
    return { type: 'number', value: token.value, offset };
  }
  if (cursor.isWord('len')) {
    cursor.take();
    return { type: 'len', offset };
  }
  if (cursor.isOperator('-')) {
    cursor.take();
    const operand = cursor.within(() => binaryFrom(cursor, parseOperand(cursor), NEGATION_STRENGTH));
    return { type: 'negative', operand, offset };
  }
  if (cursor.isOperator('(')) {
    cursor.take();
    const inner = cursor.within(() => parseArithmetic(cursor));
    cursor.takeOperator(')', 'behind the arithmetic');
    return inner;
  }
  return parseLoad(cursor);
}

/** `tcp[13]`, `ip[2:2]`. */
function parseLoad(cursor: Cursor): Arithmetic {
  const { token } = cursor;
  if (token.kind !== 'word' || !isProtocol(token.word)) cursor.failUnexpected('a number, len, or bytes as in tcp[13]');
  const { offset, word: protocol } = token;
  cursor.take();
  cursor.takeOperator('[', 'and the offset of the byte');
  const index = cursor.within(() => parseArithmetic(cursor));
  let size = 1;
  if (cursor.isOperator(':')) {
    cursor.take();
    const place = cursor.token;
    size = cursor.takeNumber('how many bytes');
    if (![1, 2, 4].includes(size)) cursor.fail('1, 2 or 4 bytes can be read at once', place);
  }
  cursor.takeOperator(']', 'behind the offset');
  return { type: 'load', protocol, index, size, offset };
}
