import { close, closeSync, openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { O_CLOEXEC } from './fcntl.ts';
import type { Libc } from './libc.ts';

/** The calls that make a descriptor which may live long, and those that end it. */
type Descriptors = Pick<Libc, 'open' | 'socket' | 'eventfd' | 'adopt' | 'close' | 'closeInBackground'>;

/** What is needed of the C library to move one. */
export interface DescriptorCalls extends Omit<Descriptors, 'adopt' | 'closeInBackground'> {
  /** dup3(2): makes `to` what `from` is. */
  readonly dup3: (from: number, to: number, flags: number) => number;
  readonly setErrno: (errno: number) => void;
}

/**
 * A worker thread that is terminated runs nothing any more, so nothing of ours could close what it has open, and a device
 * would stay until the process ends. Node closes what such a thread has opened with `fs.open`: therefore, in a worker, Node
 * opens files for us, and what is no file takes the number of one.
 */
export function threadDescriptors(libc: DescriptorCalls): Descriptors {
  if (isMainThread) return { ...libc, adopt: (fd) => fd, closeInBackground };
  const known = new Set<number>();
  const opened = (path: string, flags: number, mode: number): number => {
    const fd = openByNode(libc, path, flags, mode);
    if (fd >= 0) known.add(fd);
    return fd;
  };
  const moved = (fd: number): number => {
    if (fd < 0) return fd;
    const place = opened('/dev/null', O_CLOEXEC, 0);
    if (place >= 0) libc.dup3(fd, place, O_CLOEXEC);
    libc.close(fd);
    return place;
  };
  return {
    open: opened,
    socket: (domain, type, protocol) => moved(libc.socket(domain, type, protocol)),
    eventfd: (initial, flags) => moved(libc.eventfd(initial, flags)),
    adopt: moved,
    close(fd) {
      if (!known.delete(fd)) return libc.close(fd);
      closeSync(fd);
      return 0;
    },
    closeInBackground(fd) {
      if (known.delete(fd)) closeInBackground(fd);
      else libc.close(fd);
    },
  };
}

/** Node closes files in a thread of its pool. */
function closeInBackground(fd: number): void {
  close(fd, () => undefined);
}

/** As open(2), also in how it fails. */
function openByNode({ setErrno }: DescriptorCalls, path: string, flags: number, mode: number): number {
  try {
    return openSync(path, flags, mode);
  } catch (error) {
    setErrno(-((error as { readonly errno?: number }).errno ?? 0));
    return -1;
  }
}
