import {
  type Call,
  type Declared,
  FLAG_EXPORT,
  KIND,
  LITERAL,
  type Literal,
  type Node,
  SOURCE,
  type Source,
  walk,
} from './syntax.ts';

/** A place in the author's code. */
export interface Place {
  readonly range: Node['range'];
}

/** A call of `trace` with its text. */
export interface Trace extends Place {
  readonly call: Call;
  readonly message: string;
}

/** The runtime is an entry of the compiler's own. */
export function isAuthors({ sourceKind, internalPath }: Source): boolean {
  if (internalPath.startsWith('~lib/')) return false;
  return sourceKind === SOURCE.user || sourceKind === SOURCE.userEntry;
}

/** Functions that a file exports where they are declared. */
export function exportedNames(source: Source): string[] {
  return source.statements
    .filter((node): node is Declared => node.kind === KIND.functionDeclaration)
    .filter(({ flags }) => (flags & FLAG_EXPORT) !== 0)
    .map(({ name }) => name.text);
}

export function findTraces(source: Source): Trace[] {
  const traces: Trace[] = [];
  walkSource(source, (node) => {
    if (node.kind !== KIND.call) return;
    const call = node as Call;
    const [first] = call.args;
    if (call.expression.text !== 'trace' || first === undefined || !isText(first)) return;
    traces.push({ range: call.range, call, message: String(first.value) });
  });
  return traces;
}

/** What may allocate, or need data; whether it does, only the compiler knows. */
export function findAllocations(source: Source): Place[] {
  const places: Place[] = [];
  walkSource(source, (node) => {
    const isArrayOrText = node.kind === KIND.literal && (node as Literal).literalKind !== LITERAL.integer;
    if (node.kind === KIND.new || (isArrayOrText && isAllocated(node as Literal))) places.push({ range: node.range });
  });
  return places;
}

/**
 * Puts the number of a message where its text was. A transform cannot make nodes, since the classes are not within its
 * reach; but it can have them parsed.
 */
export function replaceMessage({ call }: Trace, number: number, parser: PartialParser): void {
  parser.parseFile(`${number};`, `tapline-message-${number}-${parser.sources.length}.ts`, false);
  const statement = parser.sources.pop()?.statements[0];
  if (statement === undefined || !('expression' in statement)) throw new Error('asc has not parsed a number');
  const literal = statement.expression as Node;
  // It stands where the text stood: the compiler joins the ranges of arguments.
  literal.range = call.args[0]?.range ?? call.range;
  call.args[0] = literal;
}

interface PartialParser {
  readonly sources: Source[];
  parseFile(text: string, path: string, isEntry: boolean): void;
}

function walkSource(source: Source, visit: (node: Node) => void): void {
  const statements = source.statements.filter(({ kind }) => kind !== KIND.import && kind !== KIND.export);
  for (const statement of statements) walk(statement, visit);
}

function isText(node: Node): node is Literal {
  return node.kind === KIND.literal && (node as Literal).literalKind === LITERAL.string;
}

function isAllocated({ literalKind }: Literal): boolean {
  return [LITERAL.string, LITERAL.template, LITERAL.array, LITERAL.object].some((kind) => kind === literalKind);
}
