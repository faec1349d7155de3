import { setTimeout as pause } from 'node:timers/promises';
import * as L from '../../../assembly/ringLayout.ts';
import { TaplineError } from '../../errors.ts';
import { errnoName, errnos } from '../../sys/errno.ts';
import { EFD_CLOEXEC, EFD_NONBLOCK } from '../../sys/fcntl.ts';
import * as io from '../../sys/ioUring.ts';
import type { Libc } from '../../sys/libc.ts';
import { Stack } from '../../sys/stack.ts';
import type { SlotPlaces } from '../lent/lent.ts';
import type { FdPort } from '../readloop.ts';
import { type FailedStep, type RingParts, knowsMultishot, registerAll } from './resources.ts';
import { RingSpace, offerLimit } from './ringMemory.ts';
import type { RingSizes } from './ringSizes.ts';

/** A ring that is ready to work. */
export interface Ring extends RingParts {
  readonly sizes: RingSizes;
  /** Whether another thread has opened it, and will close it. */
  readonly isLent: boolean;
}

/** The arena that a ring works on. */
export interface RingArena {
  readonly bytes: Uint8Array;
  readonly places: SlotPlaces;
}

/** Memory that a closed ring had counts against the limit for some time after. */
const ATTEMPTS = 3;
const PAUSE_MS = 5;
const LEAST_SUBMISSIONS = 16;
const MOST_COMPLETIONS = 8192;

const SETUP_FLAGS =
  io.IORING_SETUP_CQSIZE |
  io.IORING_SETUP_SUBMIT_ALL |
  io.IORING_SETUP_TASKRUN_FLAG |
  io.IORING_SETUP_SINGLE_ISSUER |
  io.IORING_SETUP_DEFER_TASKRUN |
  io.IORING_SETUP_NO_MMAP |
  io.IORING_SETUP_NO_SQARRAY;

/**
 * Opens a ring for the ports; the thread that does so is the only one that may use it. Where the limit of locked memory
 * (RLIMIT_MEMLOCK) is too small it tries again, and then with smaller rings.
 *
 * @param isDisabled the thread that will use it is the one that enables it
 * @throws {TaplineError} `ENGINE_UNAVAILABLE` with the reason and its remedy
 */
export async function openRing(
  libc: Libc,
  arena: RingArena,
  ports: readonly FdPort[],
  sizes: RingSizes = fullSizes(ports.length),
  isDisabled = false,
): Promise<Ring> {
  for (let now = sizes, attempt = 1; ; attempt++) {
    const ring = tryOpen(libc, arena, ports, now, isDisabled);
    if ('fd' in ring) return ring;
    if (ring.errno !== errnos.ENOMEM) throw unavailable(ring);
    if (attempt % ATTEMPTS === 0) {
      now = half(now);
      if (now.submissions < LEAST_SUBMISSIONS || offerLimit(now, ports.length) < 1) throw unavailable(ring);
    }
    await pause(PAUSE_MS);
  }
}

/** Room for the writes of a batch, and for the reads of a batch from every port. */
export function fullSizes(ports: number): RingSizes {
  const submissions = L.RING_WRITE_COUNT;
  let completions = 1024;
  while (
    ports > 0 &&
    completions < MOST_COMPLETIONS &&
    offerLimit({ submissions, completions }, ports) < L.RING_BUFFER_COUNT
  ) {
    completions *= 2;
  }
  return { submissions, completions };
}

function half({ submissions, completions }: RingSizes): RingSizes {
  return { submissions: submissions / 2, completions: completions / 2 };
}

function tryOpen(
  libc: Libc,
  { bytes, places }: RingArena,
  ports: readonly FdPort[],
  sizes: RingSizes,
  isDisabled: boolean,
): Ring | FailedStep {
  using stack = new Stack();
  const space = new RingSpace(places, libc.addressOf(bytes), ports, sizes);
  const base = libc.addressOf(space.bytes);
  const eventFd = libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (eventFd < 0) return { step: 'eventfd', errno: libc.errno() };
  stack.adopt(eventFd, libc.close);
  const fd = setUp(libc, space, base, sizes, isDisabled);
  if (fd < 0) return { step: 'io_uring_setup', errno: -fd };
  stack.adopt(fd, libc.close);
  const ring = { libc, space, fd, eventFd, base, sizes, isLent: false };
  if (!knowsMultishot(ring)) return { step: 'IORING_REGISTER_PROBE', errno: errnos.EINVAL };
  const failure = registerAll(ring, ports);
  if (failure !== undefined) return failure;
  stack.move();
  return ring;
}

/** The kernel puts its words behind `user_addr`, and says where. */
function setUp(libc: Libc, space: RingSpace, base: number, sizes: RingSizes, isDisabled: boolean): number {
  const { view, bytes } = space;
  const params = L.RING_ARGUMENT_OFFSET;
  bytes.fill(0, params, params + io.IO_URING_PARAMS_BYTES);
  view.setUint32(params + io.PARAMS_CQ_ENTRIES, sizes.completions, true);
  const flags = isDisabled ? SETUP_FLAGS | io.IORING_SETUP_R_DISABLED : SETUP_FLAGS;
  view.setUint32(params + io.PARAMS_FLAGS, flags, true);
  const submissionsAt = params + io.PARAMS_SQ_OFF + io.RING_OFF_USER_ADDR;
  const ringsAt = params + io.PARAMS_CQ_OFF + io.RING_OFF_USER_ADDR;
  view.setBigUint64(submissionsAt, BigInt(base + space.submissions), true);
  view.setBigUint64(ringsAt, BigInt(base + space.rings), true);
  const fd = io.ioUringSetup(libc, sizes.submissions, base + params);
  if (fd < 0) return fd;
  const word = (offset: number): number => space.rings + view.getUint32(params + offset, true);
  space.setControl(L.RING_SQ_HEAD, word(io.PARAMS_SQ_OFF + io.RING_OFF_HEAD));
  space.setControl(L.RING_SQ_TAIL, word(io.PARAMS_SQ_OFF + io.RING_OFF_TAIL));
  space.setControl(L.RING_SQ_FLAGS, word(io.PARAMS_SQ_OFF + io.SQ_OFF_FLAGS));
  space.setControl(L.RING_CQ_HEAD, word(io.PARAMS_CQ_OFF + io.RING_OFF_HEAD));
  space.setControl(L.RING_CQ_TAIL, word(io.PARAMS_CQ_OFF + io.RING_OFF_TAIL));
  space.setControl(L.RING_CQ_FLAGS, word(io.PARAMS_CQ_OFF + io.CQ_OFF_FLAGS));
  space.setControl(L.RING_CQES, word(io.PARAMS_CQ_OFF + io.CQ_OFF_CQES));
  space.setControl(L.RING_SQ_ENTRIES, sizes.submissions);
  space.setControl(L.RING_CQ_ENTRIES, sizes.completions);
  return fd;
}

/** Says which step failed, why, and what helps. */
export function unavailable({ step, errno }: FailedStep): TaplineError {
  const remedy = REMEDIES.get(errno) ?? 'the read loop works everywhere (engine: readloop)';
  const message = `Cannot use io_uring: ${step} failed with ${errnoName(errno)}: ${remedy}`;
  return new TaplineError('ENGINE_UNAVAILABLE', message, { errno, syscall: step });
}

const REMEDIES: ReadonlyMap<number, string> = new Map([
  [errnos.EPERM, 'the seccomp profile of the container forbids it, or sysctl kernel.io_uring_disabled does'],
  [errnos.EACCES, 'a security policy forbids it'],
  [errnos.ENOSYS, 'it needs Linux 6.7'],
  [errnos.EINVAL, 'it needs Linux 6.7'],
  [errnos.ENOMEM, 'raise the limit of locked memory (ulimit -l)'],
  [errnos.EMFILE, 'this process has too many open files (ulimit -n)'],
]);
