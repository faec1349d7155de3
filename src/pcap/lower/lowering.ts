import { ExpressionError } from '../expressionError.ts';
import type { LinkType } from '../linkType.ts';
import { Frame } from './frame.ts';
import type { Names } from './names.ts';

/** What the parts of the lowering share. */
export class Lowering {
  readonly frame: Frame;
  readonly names: Names;
  /** Mask of the network, for `ip broadcast`. */
  readonly netmask: number | undefined;
  readonly #expression: string;
  /** Where the node at hand stands in the expression. */
  offset = 0;

  constructor(expression: string, link: LinkType, names: Names, netmask: number | undefined) {
    this.#expression = expression;
    this.frame = new Frame(link);
    this.names = names;
    this.netmask = netmask;
  }

  /** A scratch register. */
  register(): number {
    return this.frame.registers.take() ?? this.fail('it needs more than 16 intermediate values at a time');
  }

  fail(problem: string): never {
    throw new ExpressionError(this.#expression, this.offset, problem);
  }
}
