import { TaplineError } from '../errors.ts';

/**
 * The error for a file that is truncated, corrupt or no capture at all.
 *
 * @param name of the file
 * @param offset first byte of the record (pcapng: block) that cannot be read, counted in the uncompressed file
 * @param reason what is wrong with it, as a clause
 */
export function damaged(name: string, offset: number, reason: string, cause?: unknown): TaplineError {
  return new TaplineError('BAD_CAPTURE', `Cannot read ${name} beyond byte ${offset}: ${reason}`, { path: name, cause });
}

/** The error for a failed system call on a capture file, from the one that Node threw. */
export function failedCall(name: string, task: string, cause: unknown): TaplineError {
  const { code = 'an error', errno, syscall = task } = cause as NodeJS.ErrnoException;
  const meaning = meanings.get(code);
  const text = `Cannot ${task} ${name}: ${syscall} failed with ${code}${meaning === undefined ? '' : `: ${meaning}`}`;
  return new TaplineError('SYSCALL', text, {
    ...(errno === undefined ? {} : { errno: Math.abs(errno) }),
    syscall,
    path: name,
    cause,
  });
}

/** What users of captures meet. */
const meanings: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'you have no permission for it'],
  ['EISDIR', 'it is a directory'],
  ['ENOSPC', 'the disk is full'],
  ['EFBIG', 'the file may not grow further (ulimit -f)'],
  ['EPIPE', 'its reader has gone'],
]);
