import { beginsArithmetic, binaryFrom, parseArithmetic } from './arithmetic.ts';
import { Cursor, meantWord } from './cursor.ts';
import { parseHead, parseIdentifier } from './identifier.ts';
import { tokenize } from './lexer.ts';
import { beginsPrimitive, parsePrimitive } from './primitive.ts';
import type { Arithmetic, Condition, Link, Qualifiers, Relation } from './syntax.ts';

/**
 * What stands between two `and`s. An identifier without words before it takes those of its neighbour to the left; where
 * identifiers may stand, terms may not always, so the parser tells them apart.
 */
type Element =
  | {
      readonly form: 'term' | 'identifier' | 'group';
      readonly condition: Condition;
      readonly inherited: Qualifiers | undefined;
    }
  | { readonly form: 'arithmetic'; readonly arithmetic: Arithmetic };

/** What the identifier to come inherits; undefined where there is nothing to inherit from. */
type Inherited = Qualifiers | undefined;

/**
 * Parses a filter expression.
 *
 * @returns the tree; undefined for an empty expression, which matches everything
 * @throws {ExpressionError}
 */
export function parseExpression(expression: string): Condition | undefined {
  const cursor = new Cursor(expression, tokenize(expression));
  if (cursor.isAtEnd) return undefined;
  const first = parseElement(cursor, undefined);
  const place = cursor.token;
  const element = parseChain(cursor, asBoolean(cursor, first, undefined));
  if (cursor.token.text !== '') failBehind(cursor);
  if (first.form !== 'term')
    cursor.fail('an address or number alone says nothing: write host, net or port before it', place);
  return element.condition;
}

/** Any number of links, which bind alike, from left to right. */
function parseChain(cursor: Cursor, first: BooleanElement): BooleanElement {
  const rest: Link[] = [];
  let { inherited } = first;
  while (cursor.isWord('and') || cursor.isWord('or')) {
    const isAnd = cursor.isWord('and');
    cursor.take();
    const element = asBoolean(cursor, parseElement(cursor, inherited), inherited);
    if (first.form !== 'term' && element.form === 'term') {
      cursor.fail('behind a bare address or number in parentheses only further ones may stand');
    }
    rest.push({ isAnd, condition: element.condition });
    ({ inherited } = element);
  }
  if (rest.length === 0) return first;
  return { form: first.form, condition: { type: 'chain', first: first.condition, rest }, inherited };
}

type BooleanElement = Exclude<Element, { form: 'arithmetic' }>;

/** A number is an identifier where a condition is wanted; other arithmetic needs a comparison. */
function asBoolean(cursor: Cursor, element: Element, inherited: Inherited): BooleanElement {
  if (element.form !== 'arithmetic') return element;
  const { arithmetic } = element;
  if (arithmetic.type !== 'number') cursor.fail("expected a comparison: '=', '!=', '<', '>', '<=' or '>='");
  const qualifiers = inherited ?? failWithoutQualifiers(cursor, arithmetic);
  const { value, offset } = arithmetic;
  return {
    form: 'identifier',
    condition: { type: 'identifier', form: 'number', value, qualifiers, offset },
    inherited: qualifiers,
  };
}

function parseElement(cursor: Cursor, inherited: Inherited): Element {
  if (cursor.isWord('not')) return parseNot(cursor, inherited);
  if (cursor.isOperator('(')) return parseParentheses(cursor, inherited);
  if (beginsArithmetic(cursor)) return parseRelation(cursor, parseArithmetic(cursor));
  if (beginsPrimitive(cursor)) return term(parsePrimitive(cursor));
  if (cursor.token.kind === 'word') return parseQualified(cursor);
  return parseBare(cursor, inherited);
}

function term(condition: Condition, inherited?: Qualifiers): BooleanElement {
  return { form: 'term', condition, inherited };
}

function parseNot(cursor: Cursor, inherited: Inherited): Element {
  cursor.take();
  const inner = cursor.within(() => asBoolean(cursor, parseElement(cursor, inherited), inherited));
  const form = inner.form === 'term' ? 'term' : 'identifier';
  return { form, condition: { type: 'not', condition: inner.condition }, inherited: inner.inherited };
}

/** Conditions, identifiers or arithmetic; what follows a group of conditions inherits from before it. */
function parseParentheses(cursor: Cursor, inherited: Inherited): Element {
  cursor.take();
  const inner = cursor.within(() => parseElement(cursor, inherited));
  if (inner.form === 'arithmetic' && cursor.isOperator(')')) {
    cursor.take();
    return parseRelation(cursor, binaryFrom(cursor, inner.arithmetic, 0));
  }
  if (inner.form === 'group') cursor.fail('two pairs of parentheses around bare addresses or numbers: leave one out');
  const chain = cursor.within(() => parseChain(cursor, asBoolean(cursor, inner, inherited)));
  if (!cursor.isOperator(')')) failBehind(cursor, "')'");
  cursor.take();
  if (chain.form === 'term') return { ...chain, inherited };
  return { ...chain, form: 'group' };
}

const RELATIONS: readonly string[] = ['=', '==', '!=', '<', '>', '<=', '>='];

function parseRelation(cursor: Cursor, left: Arithmetic): Element {
  const { token } = cursor;
  if (token.kind !== 'operator' || !RELATIONS.includes(token.text)) return { form: 'arithmetic', arithmetic: left };
  cursor.take();
  const right = parseArithmetic(cursor);
  return term({ type: 'relation', operator: token.text as Relation, left, right, offset: token.offset });
}

/** `tcp`, or `tcp dst port 80`. */
function parseQualified(cursor: Cursor): Element {
  const { token } = cursor;
  const { qualifiers, isBare } = parseHead(cursor);
  if (isBare && qualifiers.protocol !== undefined) {
    return term({ type: 'protocol', protocol: qualifiers.protocol, offset: token.offset });
  }
  const element = parseOperand(cursor, qualifiers);
  return term(element.condition, element.inherited);
}

/** What stands behind `tcp dst port`: one identifier, `not` one, or several in parentheses. */
function parseOperand(cursor: Cursor, qualifiers: Qualifiers): BooleanElement {
  if (cursor.isWord('not')) {
    cursor.take();
    const inner = cursor.within(() => parseOperand(cursor, qualifiers));
    return { form: 'identifier', condition: { type: 'not', condition: inner.condition }, inherited: inner.inherited };
  }
  if (!cursor.isOperator('(')) return parseBare(cursor, qualifiers);
  const element = asBoolean(cursor, parseParentheses(cursor, qualifiers), qualifiers);
  if (element.form === 'term') cursor.fail('only addresses, names or numbers may stand in these parentheses');
  return element;
}

function parseBare(cursor: Cursor, inherited: Inherited): BooleanElement {
  const { token } = cursor;
  if (inherited === undefined && ['name', 'unsupported', 'operator', 'end'].includes(token.kind)) {
    cursor.failUnexpected('a condition, as in tcp port 80');
  }
  const identifier = parseIdentifier(cursor);
  const qualifiers = inherited ?? failWithoutQualifiers(cursor, token);
  const condition: Condition = { type: 'identifier', qualifiers, offset: token.offset, ...identifier };
  return { form: 'identifier', condition, inherited: qualifiers };
}

function failWithoutQualifiers(cursor: Cursor, place: { readonly offset: number }): never {
  cursor.fail('an address, name or number needs host, net, port or the like before it', { ...cursor.token, ...place });
}

/** Something stands behind a whole expression. */
function failBehind(cursor: Cursor, expected = "'and' or 'or'"): never {
  const { token } = cursor;
  if (token.kind === 'end') cursor.fail(`it ends where ${expected} is expected`);
  if (token.kind === 'operator' && token.text !== '(') cursor.fail(`unexpected '${token.text}'`);
  const meant = token.kind === 'name' ? meantWord(token.text) : '';
  cursor.fail(`missing 'and' or 'or' before '${token.text}'${meant}`);
}
