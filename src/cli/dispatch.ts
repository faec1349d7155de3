import { suggest } from '../suggest.ts';
import { benchCommand } from './bench/command.ts';
import { buildCommand } from './build/command.ts';
import type { Command } from './command.ts';
import { compileCommand } from './compile/command.ts';
import { demoCommand } from './demo/command.ts';
import { devCommand } from './dev/command.ts';
import { devicesCommand } from './devices/command.ts';
import { doctorCommand } from './doctor/command.ts';
import { EXIT_OK, EXIT_USAGE } from './exitCodes.ts';
import { commandHelp, overview } from './help.ts';
import { print, say } from './output.ts';
import { parse } from './parse.ts';
import { inspectCommand } from './inspect/command.ts';
import { newCommand } from './new/command.ts';
import { replayCommand } from './replay/command.ts';
import { runCommand } from './run/command.ts';
import { testCommand } from './test/command.ts';
import { UsageError } from './usageError.ts';
import { versionLine } from './version.ts';

/** In the order of the overview. */
const commands: readonly Command[] = [
  runCommand,
  replayCommand,
  compileCommand,
  newCommand,
  buildCommand,
  testCommand,
  devCommand,
  inspectCommand,
  devicesCommand,
  doctorCommand,
  demoCommand,
  benchCommand,
];

/**
 * Finds the command and runs it.
 *
 * @param args arguments after the script
 * @returns the exit code
 */
export async function dispatch(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) {
    say(overview(commands));
    return EXIT_USAGE;
  }
  if (first === '--version' || first === '-V') return answer(versionLine());
  if (first === '--help' || first === '-h' || first === 'help') return help(rest[0]);
  const command = find(first);
  if (rest.some(isHelp)) return answer(commandHelp(command));
  return runNamed(command, rest);
}

/** Says which command was misused. */
async function runNamed(command: Command, args: readonly string[]): Promise<number> {
  try {
    return await command.run(parse(command, args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message, command.name);
  }
}

function help(name: string | undefined): number {
  return answer(name === undefined ? overview(commands) : commandHelp(find(name)));
}

function find(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const isOption = name.startsWith('-');
  const known = isOption ? ['--help', '--version'] : commands.map((candidate) => candidate.name);
  throw new UsageError(`Unknown ${isOption ? 'option' : 'command'} ${name}${suggest(name, known)}`);
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

function answer(text: string): number {
  print(text);
  return EXIT_OK;
}
