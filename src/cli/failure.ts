import { TaplineError } from '../errors.ts';
import { EXIT_FAILURE, EXIT_USAGE } from './exitCodes.ts';
import { permissionAdvice } from './permission.ts';
import { UsageError } from './usageError.ts';

/**
 * What a person should read when a command failed. Conditions are one line and a remedy; a stack is shown only for what
 * nobody foresaw.
 *
 * @param args the command line, for advice that can be pasted
 */
export function describeFailure(error: unknown, args: readonly string[]): string {
  if (error instanceof UsageError) {
    const words = ['tapline', error.command].filter((word) => word !== '').join(' ');
    return `${words}: ${error.message}\nTry: ${words} --help`;
  }
  if (error instanceof TaplineError) {
    return [`tapline: ${error.message}`, ...adviceOn(error, args)].join('\n');
  }
  if (isOutOfFiles(error)) return `tapline: ${error.message}: raise the limit (ulimit -n)`;
  if (error instanceof Error) return `tapline: ${error.stack ?? error.message}`;
  return `tapline: ${String(error)}`;
}

/** What only the command line can say: the library does not know how it was started. */
function adviceOn({ code }: TaplineError, args: readonly string[]): string[] {
  if (code === 'PERMISSION') return permissionAdvice(args);
  if (code === 'DEVICE_EXISTS') return ["  to attach to it: a pipeline file with tap('NAME', { exclusive: false })"];
  return [];
}

/** Node needs some thirty descriptors to load us. */
function isOutOfFiles(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'EMFILE';
}

export function exitCodeOf(error: unknown): number {
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE;
}
