import type { Direction } from '../language/syntax.ts';
import * as E from './etherTypes.ts';
import { hasLinkType } from './linkTypes.ts';
import { onSides } from './sides.ts';
import type { Lowering } from './lowering.ts';
import { type Test, all, any, equals, equalsMasked } from './test.ts';

/** Reads a DECnet address `area.node`: 6 bits and 10 bits. libpcap does not look at what follows. */
export function parseDecnet(text: string): number | undefined {
  const match = /^(\d+)\.(\d+)/.exec(text);
  if (match === null) return undefined;
  return (((Number(match[1]) << 10) & 0xfc00) | (Number(match[2]) & 0x3ff)) >>> 0;
}

/** Routing headers of DECnet: short and long ones, each with and without a byte of padding. */
const FORMATS = [
  { size: 1, value: 0x02, mask: 0x07, source: 5, destination: 3 },
  { size: 2, value: 0x8102, mask: 0xff07, source: 6, destination: 4 },
  { size: 1, value: 0x06, mask: 0x07, source: 17, destination: 9 },
  { size: 2, value: 0x8106, mask: 0xff07, source: 18, destination: 10 },
] as const;

/** `decnet host 1.2`. Addresses are little-endian. */
export function isDecnetHost(lowering: Lowering, address: number, direction: Direction | undefined): Test {
  const { frame } = lowering;
  const swapped = ((address & 0xff) << 8) | ((address >> 8) & 0xff);
  const at = (side: 'source' | 'destination'): Test => {
    const [first, ...rest] = FORMATS.map((format) =>
      all(
        equalsMasked(frame.loadNetwork(2, format.size), format.value, format.mask),
        equals(frame.loadNetwork(format[side], 2), swapped),
      ),
    );
    const isDecnet = hasLinkType(lowering, E.DECNET);
    return first === undefined ? isDecnet : all(isDecnet, any(first, ...rest));
  };
  return onSides(
    direction,
    () => at('source'),
    () => at('destination'),
  );
}
