import { type Stats, constants, closeSync, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';
import { TaplineError } from '../errors.ts';
import { failedCall } from './damage.ts';
import { FileSource } from './fileSource.ts';
import type { ByteSource } from './source.ts';
import { StreamSource } from './streamSource.ts';

const STDIN = 0;

/**
 * Opens a file, a named pipe, or standard input (`-`) for reading, as it is.
 *
 * @throws {TaplineError} `SYSCALL`
 */
export function openSource(path: string): ByteSource {
  const name = sourceName(path);
  const fd = path === '-' ? STDIN : openFile(path);
  try {
    const stats = fstatSync(fd);
    checkKind(name, fd, stats);
    if (stats.isFIFO() || stats.isSocket()) return openStream(name, fd);
    return new FileSource(name, fd, stats.isFile() ? stats.size : 0, fd !== STDIN);
  } catch (error) {
    if (fd !== STDIN) closeSync(fd);
    throw error instanceof TaplineError ? error : failedCall(name, 'open', error);
  }
}

/** What messages call a source. */
export function sourceName(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/** Not to wait for the other end of a named pipe: a stream does that. */
function openFile(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw failedCall(path, 'open', error);
  }
}

function checkKind(name: string, fd: number, stats: Stats): void {
  if (stats.isDirectory()) throw new TaplineError('SYSCALL', `Cannot open ${name}: it is a directory`, { path: name });
  if (isatty(fd)) {
    const message = `Cannot read a capture from a terminal (${name}): redirect it from a file or a pipe`;
    throw new TaplineError('SYSCALL', message, { path: name });
  }
}

function openStream(name: string, fd: number): ByteSource {
  const stream = fd === STDIN ? process.stdin : new Socket({ fd, readable: true, writable: false });
  return new StreamSource(stream, (error) => failedCall(name, 'read', error));
}
