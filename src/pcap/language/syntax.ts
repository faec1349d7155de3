import type { Kind, Protocol } from './words.ts';

// The syntax tree. Every node knows where it stands in the expression, for error texts.

/** Whose side of a packet an identifier is looked for on. */
export type Direction = 'src' | 'dst' | 'src or dst' | 'src and dst';

/** The words before an identifier; those left out are undefined. */
export interface Qualifiers {
  readonly protocol: Protocol | undefined;
  readonly direction: Direction | undefined;
  readonly kind: Kind | undefined;
}

/** Something that is true or false of a packet. */
export type Condition =
  | { readonly type: 'chain'; readonly first: Condition; readonly rest: readonly Link[] }
  | { readonly type: 'not'; readonly condition: Condition }
  | ({ readonly type: 'identifier'; readonly qualifiers: Qualifiers } & Place & Identifier)
  | ({ readonly type: 'protocol'; readonly protocol: Protocol } & Place)
  | ({
      readonly type: 'relation';
      readonly operator: Relation;
      readonly left: Arithmetic;
      readonly right: Arithmetic;
    } & Place)
  | ({ readonly type: 'broadcast' | 'multicast'; readonly protocol: Protocol | undefined } & Place)
  | ({ readonly type: 'length'; readonly atMost: boolean; readonly value: number } & Place)
  | ({ readonly type: 'byte'; readonly index: number; readonly operator: ByteOperator; readonly value: number } & Place)
  | ({ readonly type: 'direction'; readonly outbound: boolean } & Place)
  | ({ readonly type: 'interface'; readonly index: number } & Place)
  | ({ readonly type: 'layer'; readonly layer: Layer; readonly number: number | undefined } & Place)
  | ({ readonly type: 'llc'; readonly subtype: string | undefined } & Place);

/** All links of a chain bind alike, from left to right. */
export interface Link {
  readonly isAnd: boolean;
  readonly condition: Condition;
}

export interface Place {
  readonly offset: number;
}

/** What was written as an identifier. */
export type Identifier =
  | { readonly form: 'number'; readonly value: number }
  | { readonly form: 'name' | 'address' | 'mac' | 'arcnet'; readonly text: string }
  | { readonly form: 'addressPrefix' | 'ipv6'; readonly text: string; readonly prefixLength: number }
  | { readonly form: 'addressMask'; readonly text: string; readonly mask: string };

export type Relation = '=' | '==' | '!=' | '<' | '>' | '<=' | '>=';
export type ByteOperator = '=' | '<' | '>' | '&' | '|';
/** What encloses a packet; everything to its right in the expression is about what lies inside. */
export type Layer = 'vlan' | 'mpls' | 'pppoed' | 'pppoes' | 'geneve' | 'vxlan';

export type Arithmetic =
  | ({ readonly type: 'number'; readonly value: number } & Place)
  | ({ readonly type: 'len' } & Place)
  | ({ readonly type: 'negative'; readonly operand: Arithmetic } & Place)
  | ({
      readonly type: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Arithmetic;
      readonly right: Arithmetic;
    } & Place)
  | ({ readonly type: 'load'; readonly protocol: Protocol; readonly index: Arithmetic; readonly size: number } & Place);

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';
