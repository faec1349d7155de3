import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';
import { TaplineError } from '../errors.ts';
import { failedCall } from './damage.ts';
import { FileSink } from './fileSink.ts';
import { GzipSink } from './gzipSink.ts';
import type { ByteSink } from './sink.ts';
import { StreamSink } from './streamSink.ts';

const STDOUT = 1;
const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;

/**
 * Opens a file (a new one, or one that is emptied), a named pipe that somebody reads, or standard output (`-`). What goes
 * to a path that ends in `.gz` is compressed.
 *
 * @throws {TaplineError} `SYSCALL`
 */
export function openSink(path: string): ByteSink {
  const sink = openPlain(path);
  return GZIP_SUFFIX.test(path) ? new GzipSink(sink) : sink;
}

/** What the name of a compressed file ends in. */
export const GZIP_SUFFIX = /\.gz$/i;

function openPlain(path: string): ByteSink {
  const isStdout = path === '-';
  const name = sinkName(path);
  const fd = isStdout ? STDOUT : openFile(path);
  try {
    if (isatty(fd)) {
      const message = `Cannot write a capture to a terminal (${name}): redirect it to a file or a pipe`;
      throw new TaplineError('SYSCALL', message, { path: name });
    }
    const stats = fstatSync(fd);
    if (!stats.isFIFO() && !stats.isSocket()) return new FileSink(name, fd, !isStdout);
    const stream = isStdout ? process.stdout : new Socket({ fd, readable: false, writable: true });
    return new StreamSink(name, stream, !isStdout);
  } catch (error) {
    if (!isStdout) closeSync(fd);
    throw error instanceof TaplineError ? error : failedCall(name, 'open', error);
  }
}

/** What messages call a sink. */
export function sinkName(path: string): string {
  return path === '-' ? 'standard output' : path;
}

/** A named pipe is not waited for: the line that is captured may be running already. */
function openFile(path: string): number {
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o666);
  } catch (error) {
    const failure = failedCall(path, 'open', error);
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw failure;
    const { errno = 0 } = failure;
    throw new TaplineError('SYSCALL', `${failure.message}: nobody reads the pipe yet, start the reader first`, {
      errno,
      syscall: 'open',
      path,
      cause: error,
    });
  }
}
