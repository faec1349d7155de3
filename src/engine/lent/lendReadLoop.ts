import { EPOLL_CLOEXEC, addReadable } from '../../sys/epoll.ts';
import type { Libc } from '../../sys/libc.ts';
import { Stack } from '../../sys/stack.ts';
import { systemError } from '../../sys/systemError.ts';
import type { FdPort } from '../readloop.ts';
import { COUNTS_BYTES, countsIn } from './counts.ts';
import type { Loan } from './lent.ts';
import { quietFd, quieten } from './quiet.ts';
import { Remains } from './remains.ts';

/**
 * Makes what a worker needs to run a read loop (`ReadLoop.adopt`): an epoll descriptor by which it waits, and memory for
 * its counts.
 *
 * @param ports non-blocking descriptors that can be polled; they stay this thread's
 * @throws {TaplineError} `SYSCALL` when there is no descriptor left
 */
export function lendReadLoop(libc: Libc, ports: readonly FdPort[]): Loan {
  using stack = new Stack();
  const quiet = quietFd(libc);
  if (quiet < 0) throw failure(libc, 'eventfd');
  stack.adopt(quiet, libc.close);
  const wakeFd = libc.epollCreate1(EPOLL_CLOEXEC);
  if (wakeFd < 0) throw failure(libc, 'epoll_create1');
  stack.adopt(wakeFd, libc.close);
  for (const { fd } of ports) if (addReadable(libc, wakeFd, fd) < 0) throw failure(libc, 'epoll_ctl');
  const held = stack.move();
  const counts = new SharedArrayBuffer(COUNTS_BYTES);
  let isBuried = false;
  return {
    handle: { engine: 'readloop', counts, wakeFd },
    silence() {
      if (!isBuried) quieten(libc, wakeFd, quiet);
    },
    bury() {
      held[Symbol.dispose]();
      isBuried = true;
      const { filled, written } = countsIn(counts);
      return new Remains([...filled], [...written]);
    },
  };
}

function failure(libc: Libc, syscall: string): Error {
  return systemError({ action: 'Cannot lend a read loop', syscall, errno: libc.errno() });
}
