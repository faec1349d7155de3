import { inspect } from 'node:util';
import { type ErrorCode, TaplineError } from '../errors.ts';

/** An error on its way to another thread: structured clone would take its class and its code. */
export interface SentError {
  readonly kind: 'TaplineError' | 'TypeError' | 'RangeError' | 'Error';
  readonly message: string;
  readonly stack: string | undefined;
  readonly code?: ErrorCode;
  readonly errno?: number | undefined;
  readonly syscall?: string | undefined;
  readonly path?: string | undefined;
}

/** Whatever was thrown, as it can be sent. */
export function toSend(error: unknown): SentError {
  if (!(error instanceof Error)) return { kind: 'Error', message: inspect(error), stack: undefined };
  const { message, stack } = error;
  if (error instanceof TaplineError) {
    const { code, errno, syscall, path } = error;
    return { kind: 'TaplineError', message, stack, code, errno, syscall, path };
  }
  return { kind: kindOf(error), message, stack };
}

/** The error as the other thread threw it, with the stack that it had there. */
export function received(sent: SentError): Error {
  const error = made(sent);
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

function kindOf(error: Error): 'TypeError' | 'RangeError' | 'Error' {
  if (error instanceof TypeError) return 'TypeError';
  return error instanceof RangeError ? 'RangeError' : 'Error';
}

function made({ kind, message, code = 'LANE_LOST', errno, syscall, path }: SentError): Error {
  if (kind === 'TypeError') return new TypeError(message);
  if (kind === 'RangeError') return new RangeError(message);
  if (kind === 'Error') return new Error(message);
  return new TaplineError(code, message, {
    ...(errno === undefined ? {} : { errno }),
    ...(syscall === undefined ? {} : { syscall }),
    ...(path === undefined ? {} : { path }),
  });
}
