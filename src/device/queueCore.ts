import { type ErrorCode, TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import { ifreq } from '../sys/ifreq.ts';
import * as tun from '../sys/ifTun.ts';
import type { Libc } from '../sys/libc.ts';
import { systemError } from '../sys/systemError.ts';
import type { ReadOptions } from './deviceQueue.ts';
import { FrameReader } from './frameReader.ts';
import type { Identity } from './identity.ts';
import { ReadQueue } from './readQueue.ts';
import { ALL_QUEUES_REMEDY, readAttached } from './tunNode.ts';

/** The descriptor of a queue and who waits for it. It does not know the object that callers hold, see lifeline.ts. */
export class QueueCore {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #identity: Identity;
  readonly #reads: ReadQueue;
  #isAttached: boolean;
  #isClosed = false;

  /** Takes over `fd`. */
  constructor(libc: Libc, fd: number, identity: Identity, isAttached: boolean) {
    this.#libc = libc;
    this.#fd = fd;
    this.#identity = identity;
    this.#isAttached = isAttached;
    owned.add(fd);
    this.#reads = new ReadQueue(libc, fd, identity, new FrameReader(libc, fd, identity));
  }

  get fd(): number {
    this.checkOpen();
    return this.#fd;
  }

  /** @throws {TaplineError} `DEVICE_CLOSED` */
  checkOpen(): void {
    if (this.#isClosed) throw closedError(this.#identity);
  }

  get identity(): Identity {
    return this.#identity;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isAttached(): boolean {
    return this.#isAttached;
  }

  /** `owner` is kept from being collected while the read waits. */
  read(buffer: Uint8Array, options: ReadOptions, owner: object): Promise<number> {
    this.#checkInService('read from');
    return this.#reads.read(buffer, options, owner);
  }

  tryRead(buffer: Uint8Array): number | null {
    this.#checkInService('read from');
    return this.#reads.tryRead(buffer);
  }

  write(frame: Uint8Array): void {
    this.#checkInService('write to');
    const written = write(this.#libc, this.#fd, frame);
    if (written < 0) throw writeError(this.#identity, -written);
    if (written !== frame.length) {
      const text = `Cannot write to ${this.#identity.name}: the kernel took ${written} of ${frame.length} bytes`;
      throw new TaplineError('SHORT_WRITE', text, { syscall: 'write' });
    }
  }

  setAttached(attached: boolean): void {
    const { fd } = this;
    if ((this.#identity.flags & tun.IFF_MULTI_QUEUE) === 0) {
      throw new TypeError(`Cannot detach the only queue of ${this.#identity.name}: open it with multiQueue: true`);
    }
    if (attached === this.#isAttached) return;
    const request = ifreq('');
    request.union.setUint16(0, attached ? tun.IFF_ATTACH_QUEUE : tun.IFF_DETACH_QUEUE, true);
    if (this.#libc.ioctl(fd, tun.TUNSETQUEUE, request.bytes) < 0) throw this.#attachError(this.#libc.errno());
    this.#isAttached = attached;
    if (!attached) this.#reads.rejectAll(detachedError(this.#identity, 'read from'));
  }

  /** The event loop lets go of the descriptor before it is closed, and its number given to something else. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    owned.delete(this.#fd);
    this.#reads.close(closedError(this.#identity));
    this.#libc.close(this.#fd);
  }

  /** The kernel takes frames from a detached queue, and never has one for it. */
  #checkInService(verb: string): void {
    this.checkOpen();
    if (!this.#isAttached) throw detachedError(this.#identity, verb);
  }

  #attachError(errno: number): TaplineError {
    // EINVAL is also what a deleted interface gives; then this question has a better answer.
    if (errno === errnos.EINVAL) readAttached(this.#libc, this.#fd);
    return systemError({
      action: `Cannot attach or detach a queue of ${this.#identity.name}`,
      syscall: 'ioctl(TUNSETQUEUE)',
      errno,
      ...(errno === errnos.E2BIG ? { remedy: ALL_QUEUES_REMEDY } : {}),
    });
  }
}

/** Whether a queue of this thread will close a descriptor. */
export function isOwned(fd: number): boolean {
  return owned.has(fd);
}

const owned = new Set<number>();

/** A queue that is out of service is, to whoever uses it, a link that is down. */
const DETACHED: ErrorCode = 'QUEUE_DETACHED';

function detachedError({ name }: Identity, verb: string): TaplineError {
  return new TaplineError(DETACHED, `Cannot ${verb} ${name}: this queue is detached: attach() it`);
}

function closedError({ name }: Identity): TaplineError {
  return new TaplineError('DEVICE_CLOSED', `${name} is closed`);
}

/** Bytes written, or the error number as a negative number. */
function write(libc: Libc, fd: number, frame: Uint8Array): number {
  for (;;) {
    const written = libc.write(fd, libc.addressOf(frame), frame.length);
    if (written >= 0) return written;
    const errno = libc.errno();
    if (errno !== errnos.EINTR) return -errno;
  }
}

const writeRemedies: Readonly<Record<number, string>> = {
  [errnos.EIO]: 'the interface is down',
  [errnos.EINVAL]: 'the kernel refused the frame or its virtio header',
  [errnos.EAGAIN]: 'sendBufferBytes of earlier frames are still on their way',
};

function writeError({ name }: Identity, errno: number): TaplineError {
  const remedy = writeRemedies[errno];
  return systemError({
    action: `Cannot write to ${name}`,
    syscall: 'write',
    errno,
    ...(errno === errnos.EIO ? { code: 'LINK_DOWN' } : {}),
    ...(remedy === undefined ? {} : { remedy }),
  });
}
