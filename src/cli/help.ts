import type { Command, OptionSpec } from './command.ts';
import { table } from './table.ts';

/** What `tapline --help` shows. */
export function overview(commands: readonly Command[]): string {
  return [
    'tapline: your own code between Linux TUN/TAP devices and what is behind them',
    '',
    'Usage: tapline COMMAND [OPTION]…',
    '',
    'Commands:',
    ...table(commands.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    'Options:',
    ...table([
      ['  -h, --help', 'show this; after a command, show its options and examples'],
      ['  -V, --version', 'show the version'],
    ]),
    '',
    'First steps:',
    '  tapline doctor    is everything here that tapline needs?',
    '  tapline demo      see packets pass, being dropped and edited, in a few seconds',
  ].join('\n');
}

/** What `tapline COMMAND --help` shows. */
export function commandHelp(command: Command): string {
  return [
    `tapline ${command.name}: ${command.summary}`,
    '',
    ...command.usage.map((form, index) => `${index === 0 ? 'Usage:' : '      '} tapline ${form}`),
    '',
    'Options:',
    ...table([...Object.entries(command.options).map(optionRow), ['  -h, --help', 'show this']]),
    ...(command.notes ?? []).flatMap((note) => ['', note]),
    '',
    'Examples:',
    ...command.examples.flatMap(({ about, line }) => [`  # ${about}`, `  ${line}`]),
  ].join('\n');
}

function optionRow([name, { short, value, help }]: [string, OptionSpec]): string[] {
  const letter = short === undefined ? '    ' : `-${short}, `;
  return [`  ${letter}--${name}${value === undefined ? '' : ` ${value}`}`, help];
}
