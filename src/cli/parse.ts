import { parseArgs } from 'node:util';

import { suggest } from '../suggest.ts';
import type { Command, OptionSpec } from './command.ts';
import type { Given, GivenOption } from './given.ts';
import { UsageError } from './usageError.ts';

/**
 * Reads the arguments of a command. `parseArgs` only splits them; the checks are here, because its own messages cannot
 * say what was meant.
 *
 * @throws {UsageError} an unknown option, a missing or superfluous value, a repeated option, too many operands
 */
export function parse(command: Command, args: readonly string[]): Given {
  const { tokens } = parseArgs({
    args: [...args],
    options: parseArgsOptions(command),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options: GivenOption[] = [];
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind === 'option') options.push(checkOption(command, token, options));
  }
  checkOperands(command, operands);
  return { options, operands };
}

/** As `parseArgs` describes an option that it found. */
interface OptionToken {
  readonly name: string;
  /** As written: `--tap` or `-f`. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether the value was attached, as in `--tap=lan0`. */
  readonly inlineValue: boolean | undefined;
}

function checkOption(command: Command, token: OptionToken, before: readonly GivenOption[]): GivenOption {
  const { name, rawName } = token;
  const spec = Object.hasOwn(command.options, name) ? command.options[name] : undefined;
  if (spec === undefined) throw new UsageError(`Unknown option ${rawName}${suggestOption(command, rawName)}`);
  if (spec.multiple !== true && before.some((option) => option.name === name)) {
    throw new UsageError(`Option --${name} was given twice: it takes one value`);
  }
  return { name, value: spec.type === 'string' ? checkedValue(spec, token) : checkedFlag(token) };
}

function checkedValue(spec: OptionSpec, { rawName, value, inlineValue }: OptionToken): string {
  const wanted = `${rawName} needs a value: ${rawName} ${spec.value ?? 'VALUE'}`;
  if (value === undefined || (value === '' && spec.mayBeEmpty !== true)) throw new UsageError(`Option ${wanted}`);
  if (inlineValue !== true && value.length > 1 && value.startsWith('-')) {
    throw new UsageError(`Option ${wanted}, got the option ${value} (write ${rawName}=${value} if it is meant)`);
  }
  return value;
}

function checkedFlag({ rawName, value }: OptionToken): string {
  if (value !== undefined) throw new UsageError(`Option ${rawName} takes no value, got ${JSON.stringify(value)}`);
  return '';
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const extra = operands[command.operands];
  if (extra === undefined) return;
  throw new UsageError(
    command.operands === 0
      ? `Unexpected argument ${JSON.stringify(extra)}: ${command.name} takes only options`
      : `Unexpected argument ${JSON.stringify(extra)} after ${JSON.stringify(operands[0])}`,
  );
}

function suggestOption(command: Command, rawName: string): string {
  // A letter is near to every other letter.
  if (!rawName.startsWith('--')) return '';
  return suggest(rawName.slice(2), Object.keys(command.options)).replace(/'(.*)'/, "'--$1'");
}

function parseArgsOptions(
  command: Command,
): Record<string, { type: 'string' | 'boolean'; short?: string; multiple: true }> {
  return Object.fromEntries(
    Object.entries(command.options).map(([name, { type, short }]) => [
      name,
      { type, multiple: true, ...(short === undefined ? {} : { short }) },
    ]),
  );
}
