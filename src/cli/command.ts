import type { Given } from './given.ts';

/** One option of a command, as `parseArgs` and the help text need it. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands for the value in the help text, for example `NAME`. */
  readonly value?: string;
  /** Whether the value may be empty, as an expression may be that matches everything. Default false. */
  readonly mayBeEmpty?: boolean;
  readonly help: string;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** A sub-command: what it takes, what its help says, and the code behind it, loaded only when it runs. */
export interface Command {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** Forms of the command line, without `tapline`. */
  readonly usage: readonly string[];
  readonly options: OptionTable;
  /** How many operands (arguments that are no options) it takes at most. */
  readonly operands: number;
  /** Paragraphs behind the options. */
  readonly notes?: readonly string[];
  readonly examples: readonly Example[];
  /** Does it. @returns the exit code */
  run(given: Given): Promise<number>;
}

/** A command line with the words that explain it. */
export interface Example {
  readonly about: string;
  readonly line: string;
}
