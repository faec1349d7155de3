// The syntax tree of AssemblyScript, as far as the transform looks at it. Its classes are minified and its enums are not
// within reach of a transform, which must work with the compiler that loads it: so the numbers are here, and a test
// compares them with those of the installed compiler.

export const KIND = {
  identifier: 7,
  call: 10,
  literal: 17,
  new: 18,
  functionDeclaration: 56,
  export: 36,
  import: 43,
} as const;
export const LITERAL = { integer: 1, string: 2, template: 3, array: 5, object: 6 } as const;
export const FLAG_EXPORT = 2;
export const SOURCE = { user: 0, userEntry: 1 } as const;

export interface Range {
  readonly start: number;
  readonly source: Source;
}

export interface Node {
  readonly kind: number;
  range: Range;
}

export interface Source extends Node {
  sourceKind: number;
  readonly internalPath: string;
  readonly normalizedPath: string;
  readonly text: string;
  readonly statements: readonly Node[];
  lineAt(position: number): number;
  columnAt(): number;
}

export interface Declared extends Node {
  readonly name: { readonly text: string };
  readonly flags: number;
}

export interface Call extends Node {
  readonly expression: Node & { readonly text?: string };
  readonly args: Node[];
}

export interface Literal extends Node {
  readonly literalKind: number;
  readonly value?: unknown;
}

/** Calls `visit` for a node and all nodes below. Nodes are found by their shape, so that new kinds need no change here. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isNode(child)) walk(child, visit);
    }
  }
}

function isNode(value: unknown): value is Node {
  if (typeof value !== 'object' || value === null) return false;
  return 'kind' in value && 'range' in value && !('sourceKind' in value);
}
