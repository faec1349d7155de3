import { parseExpression } from './language/parser.ts';
import type { LinkType } from './linkType.ts';
import { lower } from './lower/lower.ts';
import { Lowering } from './lower/lowering.ts';
import type { NameResolver } from './lower/names.ts';
import { assemble } from './program/assemble.ts';
import type { Program } from './program/bpf.ts';

/** What an expression may need to know beside itself. */
export interface CompileOptions {
  /** Default `'ethernet'`. */
  readonly link?: LinkType;
  /** Finds host names and the like. Default: none, only numbers and the built-in tables of services and protocols. */
  readonly resolver?: NameResolver;
  /** Mask of the network as a number, for `ip broadcast`. Default: not known. */
  readonly netmask?: number;
}

/**
 * Compiles a filter expression to classic BPF: the program that libpcap makes of it without its optimiser.
 *
 * @throws {ExpressionError} `BAD_EXPRESSION` with line and column
 */
export function compileExpression(expression: string, options: CompileOptions = {}): Program {
  const { link = 'ethernet', resolver = {}, netmask } = options;
  const condition = parseExpression(expression);
  if (condition === undefined) return assemble(undefined);
  return assemble(lower(new Lowering(expression, link, resolver, netmask), condition));
}
