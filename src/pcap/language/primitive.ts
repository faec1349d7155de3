import { suggest } from '../../suggest.ts';
import type { Cursor } from './cursor.ts';
import type { ByteOperator, Condition, Layer } from './syntax.ts';
import { type Protocol, isProtocol } from './words.ts';

const LAYERS: readonly string[] = ['vlan', 'mpls', 'pppoed', 'pppoes', 'geneve', 'vxlan'] satisfies Layer[];
const FIRST_WORDS: readonly string[] = ['less', 'greater', 'byte', 'inbound', 'outbound', 'ifindex', 'llc', ...LAYERS];

/** Whether something begins here that takes no identifier: `vlan 5`, `ip broadcast`. */
export function beginsPrimitive(cursor: Cursor): boolean {
  const { token } = cursor;
  if (token.kind !== 'word') return false;
  if (FIRST_WORDS.includes(token.word) || isCast(cursor, 0)) return true;
  return isProtocol(token.word) && isCast(cursor, 1);
}

function isCast(cursor: Cursor, ahead: number): boolean {
  const token = cursor.peek(ahead);
  return token.kind === 'word' && (token.word === 'broadcast' || token.word === 'multicast');
}

export function parsePrimitive(cursor: Cursor): Condition {
  const { token } = cursor;
  const { offset } = token;
  const protocol = protocolAt(cursor);
  if (protocol !== undefined) cursor.take();
  const word = cursor.take().text;
  switch (word) {
    case 'broadcast':
    case 'multicast':
      return { type: word, protocol, offset };
    case 'less':
    case 'greater':
      return { type: 'length', atMost: word === 'less', value: cursor.takeNumber('how many bytes'), offset };
    case 'byte':
      return parseByte(cursor, offset);
    case 'inbound':
    case 'outbound':
      return { type: 'direction', outbound: word === 'outbound', offset };
    case 'ifindex':
      return { type: 'interface', index: cursor.takeNumber('the index of an interface'), offset };
    case 'llc':
      return { type: 'llc', subtype: takeLlcType(cursor), offset };
    default:
      return { type: 'layer', layer: word as Layer, number: word === 'pppoed' ? undefined : takeId(cursor), offset };
  }
}

function protocolAt({ token }: Cursor): Protocol | undefined {
  return token.kind === 'word' && isProtocol(token.word) ? token.word : undefined;
}

const BYTE_OPERATORS: readonly string[] = ['=', '==', '<', '>', '&', '|'];

/** `byte 8 = 5`. */
function parseByte(cursor: Cursor, offset: number): Condition {
  const index = cursor.takeNumber('which byte of the frame');
  const { token } = cursor;
  if (token.kind !== 'operator' || !BYTE_OPERATORS.includes(token.text))
    cursor.fail("expected '=', '<', '>', '&' or '|'");
  cursor.take();
  const value = cursor.takeNumber('what the byte is compared with');
  const operator = (token.text === '==' ? '=' : token.text) as ByteOperator;
  return { type: 'byte', index, operator, value, offset };
}

/** The number behind `vlan` and its like, which may stand in parentheses. */
function takeId(cursor: Cursor): number | undefined {
  let parentheses = 0;
  while (cursor.peek(parentheses).text === '(') parentheses++;
  const token = cursor.peek(parentheses);
  if (token.kind !== 'number') return undefined;
  for (let i = 0; i < parentheses; i++) cursor.take();
  cursor.take();
  for (let i = 0; i < parentheses; i++) cursor.takeOperator(')', 'behind the number');
  return token.value;
}

/** Types of LLC frames, IEEE 802.2. */
export const LLC_TYPES: readonly string[] = [
  'i', 's', 'u', 'rr', 'rnr', 'rej', 'ui', 'ua', 'disc', 'dm', 'sabme', 'test', 'xid', 'frmr',
]; // prettier-ignore

function takeLlcType(cursor: Cursor): string | undefined {
  const { token } = cursor;
  if (token.kind !== 'name' && token.text !== 'rnr') return undefined;
  if (!LLC_TYPES.includes(token.text)) {
    const hint = suggest(token.text, LLC_TYPES);
    cursor.fail(`'${token.text}' is no type of LLC frame${hint === '' ? `: known are ${LLC_TYPES.join(', ')}` : hint}`);
  }
  cursor.take();
  return token.text;
}
