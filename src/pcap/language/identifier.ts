import type { Cursor } from './cursor.ts';
import type { Direction, Identifier, Qualifiers } from './syntax.ts';
import { type Kind, type Protocol, isKind, isProtocol } from './words.ts';

/** The words before an identifier; bare, if there is but a protocol and the words end there. */
export interface Head {
  readonly qualifiers: Qualifiers;
  readonly isBare: boolean;
}

/** Takes `tcp`, `tcp src or dst port`, `host`, `ether proto`. */
export function parseHead(cursor: Cursor): Head {
  const protocol = takeProtocol(cursor);
  const direction = takeDirection(cursor);
  const kind = takeKind(cursor, direction);
  if (protocol === undefined && direction === undefined && kind === undefined) {
    cursor.failUnexpected('the name of a protocol, host, net, port, or the like');
  }
  return { qualifiers: { protocol, direction, kind }, isBare: direction === undefined && kind === undefined };
}

function takeProtocol(cursor: Cursor): Protocol | undefined {
  const { token } = cursor;
  if (token.kind !== 'word' || !isProtocol(token.word)) return undefined;
  cursor.take();
  return token.word;
}

function takeDirection(cursor: Cursor): Direction | undefined {
  const first = sideAt(cursor);
  if (first === undefined) return undefined;
  cursor.take();
  const isAnd = cursor.isWord('and');
  if (!isAnd && !cursor.isWord('or')) return first;
  const second = cursor.peek(1);
  const other = first === 'src' ? 'dst' : 'src';
  if (second.kind !== 'word' || second.word !== other) {
    cursor.fail(`expected '${other}' behind '${first} ${isAnd ? 'and' : 'or'}'`, second);
  }
  cursor.take();
  cursor.take();
  return isAnd ? 'src and dst' : 'src or dst';
}

function sideAt(cursor: Cursor): 'src' | 'dst' | undefined {
  if (cursor.isWord('src')) return 'src';
  return cursor.isWord('dst') ? 'dst' : undefined;
}

/** These say what a packet carries or by whom it was sent: it has no two sides of that. */
const WITHOUT_DIRECTION: readonly Kind[] = ['proto', 'protochain', 'gateway'];

function takeKind(cursor: Cursor, direction: Direction | undefined): Kind | undefined {
  const { token } = cursor;
  if (token.kind !== 'word' || !isKind(token.word)) return undefined;
  if (direction !== undefined && WITHOUT_DIRECTION.includes(token.word)) {
    cursor.fail(`'${token.word}' takes no '${direction}'`);
  }
  cursor.take();
  return token.word;
}

/** An address, a name or a number. */
export function parseIdentifier(cursor: Cursor): Identifier {
  const { token } = cursor;
  switch (token.kind) {
    case 'number':
      cursor.take();
      return { form: 'number', value: token.value };
    case 'name':
      cursor.take();
      return { form: 'name', text: token.text.replace(/^\\/, '') };
    case 'mac':
    case 'arcnet':
      cursor.take();
      return { form: token.kind, text: token.text };
    case 'ipv6':
      cursor.take();
      return { form: 'ipv6', text: token.text, prefixLength: takePrefixLength(cursor) ?? 128 };
    case 'address':
      cursor.take();
      return addressOf(cursor, token.text);
    case 'word':
      return cursor.fail(`'${token.text}' is a word of the language: write \\${token.text} where it is a name`);
    default:
      return cursor.failUnexpected('an address, a name or a number');
  }
}

function addressOf(cursor: Cursor, text: string): Identifier {
  if (cursor.isWord('mask')) {
    cursor.take();
    const { token } = cursor;
    if (token.kind !== 'address') cursor.fail('expected a mask, as in 255.255.0.0');
    cursor.take();
    return { form: 'addressMask', text, mask: token.text };
  }
  const prefixLength = takePrefixLength(cursor);
  return prefixLength === undefined ? { form: 'address', text } : { form: 'addressPrefix', text, prefixLength };
}

function takePrefixLength(cursor: Cursor): number | undefined {
  if (!cursor.isOperator('/')) return undefined;
  cursor.take();
  return cursor.takeNumber('the length of the prefix, in bits');
}
