import * as io from '../../../src/sys/ioUring.ts';
import { errnos } from '../../../src/sys/errno.ts';
import type { Libc } from '../../../src/sys/libc.ts';
import type { PollCallback } from '../../../src/sys/poll.ts';

/** How often what goes wrong: shares of 1. */
export interface Faults {
  /** io_uring_enter answers EAGAIN, EBUSY or EINTR and does nothing. */
  readonly enter: number;
  /** It takes fewer entries than there are. */
  readonly short: number;
  /** A port begins to have no room, for some writes. */
  readonly full: number;
  /** A write fails for good, or is cut. */
  readonly write: number;
  /** A multishot read ends: with a frame, or with an error. */
  readonly read: number;
  /** Failed writes are reported in their place, and not behind the successful ones as kernels do today. */
  readonly isPrompt?: boolean;
}

export const NO_FAULTS: Faults = { enter: 0, short: 0, full: 0, write: 0, read: 0 };

/** What `io_uring_setup` answers, once for each call; 0: it works. */
export type SetupAnswers = number[];

const { EAGAIN, EBUSY, EINTR, EINVAL, EIO, EMSGSIZE, ENOBUFS } = errnos;
const OP_WRITE = 23;
const OP_READ_MULTISHOT = 49;
const CQE_SKIP_SUCCESS = 64;
const REGION = 2 ** 40;
/** Where the fake kernel puts its words: SQ head, tail, flags, CQ head, tail, flags, then the completions. */
const WORDS = { sqHead: 0, sqTail: 4, sqFlags: 8, cqHead: 64, cqTail: 68, cqFlags: 72, cqes: 128 };
const CQ_EVENTFD_DISABLED = 1;
const SQ_TASKRUN = 4;
const RING_FD = 100;
const EVENT_FD = 101;

interface FakePort {
  /** Numbers of frames that wait to be read. */
  readonly incoming: number[];
  /** Numbers of frames that were written. */
  readonly outgoing: number[];
  isArmed: boolean;
  /** Native address of the buffer ring, and the kernel's place in it. */
  buffers: number;
  head: number;
  /** Writes that find no room from now on. */
  full: number;
}

/** An io_uring that plays by the kernel's rules as they were observed, and fails as it is told. */
export class FakeKernel {
  readonly ports: FakePort[] = [0, 1].map(() => ({
    incoming: [],
    outgoing: [],
    isArmed: false,
    buffers: 0,
    head: 0,
    full: 0,
  }));
  readonly libc: Libc;
  faults: Faults = NO_FAULTS;
  readonly setups: SetupAnswers;
  /** Descriptors that are open. */
  readonly open = new Set<number>();
  /** The entries that were asked for with each set-up. */
  readonly asked: number[] = [];
  isSignalled = false;
  enters = 0;

  readonly #random: () => number;
  readonly #frameBytes: number;
  readonly #regions: Uint8Array[] = [];
  #errno = 0;
  #ring: DataView = new DataView(new ArrayBuffer(0));
  #sqes = 0;
  #words = 0;
  #sqEntries = 0;
  #cqEntries = 0;
  /** Failed writes: the kernel reports them when it is asked for events. */
  #late: (() => void)[] = [];
  #watcher: PollCallback | undefined;

  constructor(random: () => number, frameBytes: number, setups: SetupAnswers = []) {
    this.#random = random;
    this.#frameBytes = frameBytes;
    this.setups = setups;
    const libc: Partial<Libc> = {
      addressOf: (view) => this.#addressOf(view),
      errno: () => this.#errno,
      eventfd: () => this.#openFd(EVENT_FD),
      adopt: (fd) => fd,
      close: (fd) => (this.open.delete(fd) ? 0 : this.#fail(errnos.EBADF)),
      read: () => {
        this.isSignalled = false;
        return 8;
      },
      write: (fd, address, bytes) => this.#answer(this.#write(fd, address, bytes)),
      syscall: (number, ...a) => this.#answer(this.#syscall(number, a)),
      poll: (_fd, _interest, callback) => {
        this.#watcher = callback;
        const nothing = (): undefined => undefined;
        return {
          pause: nothing,
          resume: nothing,
          ref: nothing,
          unref: nothing,
          close: () => (this.#watcher = undefined),
        };
      },
    };
    this.libc = libc as Libc;
  }

  /** A frame comes in by a port. */
  inject(port: number, frame: number): void {
    this.ports[port]?.incoming.push(frame);
    this.#noteWork();
  }

  /** What the event loop does: calls whoever waits for the event descriptor while that is readable. */
  poll(): void {
    if (this.isSignalled) this.#watcher?.(0, { readable: true, writable: false });
  }

  #chance(share: number): boolean {
    return share > 0 && this.#random() < share;
  }

  #addressOf(view: Uint8Array): number {
    const known = this.#regions.findIndex((region) => region.buffer === view.buffer);
    return ((known >= 0 ? known : this.#regions.push(view) - 1) + 1) * REGION;
  }

  #answer(result: number): number {
    return result < 0 ? this.#fail(-result) : result;
  }

  #fail(errno: number): number {
    this.#errno = errno;
    return -1;
  }

  #openFd(fd: number): number {
    this.open.add(fd);
    return fd;
  }

  // ── System calls ───────────────────────────────────────────────────────────────────────────────────────────────────

  #syscall(number: number, [first = 0, second = 0, third = 0, fourth = 0]: number[]): number {
    if (number === io.SYS_IO_URING_SETUP) return this.#setup(first, second);
    if (number === io.SYS_IO_URING_ENTER) return this.#enter(second, fourth);
    return this.#register(second, third);
  }

  #setup(entries: number, params: number): number {
    this.asked.push(entries);
    const answer = this.setups.shift() ?? 0;
    if (answer < 0) return answer;
    const region = this.#regions[Math.floor(params / REGION) - 1];
    if (region === undefined) throw new Error('The parameters lie nowhere');
    this.#ring = new DataView(region.buffer);
    const at = params % REGION;
    const far = (offset: number): number => Number(this.#ring.getBigUint64(at + offset, true)) % REGION;
    this.#sqes = far(io.PARAMS_SQ_OFF + io.RING_OFF_USER_ADDR);
    this.#words = far(io.PARAMS_CQ_OFF + io.RING_OFF_USER_ADDR);
    this.#sqEntries = entries;
    this.#cqEntries = this.#ring.getUint32(at + io.PARAMS_CQ_ENTRIES, true);
    const put = (offset: number, value: number): void => {
      this.#ring.setUint32(at + offset, value, true);
    };
    put(io.PARAMS_SQ_OFF + io.RING_OFF_HEAD, WORDS.sqHead);
    put(io.PARAMS_SQ_OFF + io.RING_OFF_TAIL, WORDS.sqTail);
    put(io.PARAMS_SQ_OFF + io.SQ_OFF_FLAGS, WORDS.sqFlags);
    put(io.PARAMS_CQ_OFF + io.RING_OFF_HEAD, WORDS.cqHead);
    put(io.PARAMS_CQ_OFF + io.RING_OFF_TAIL, WORDS.cqTail);
    put(io.PARAMS_CQ_OFF + io.CQ_OFF_FLAGS, WORDS.cqFlags);
    put(io.PARAMS_CQ_OFF + io.CQ_OFF_CQES, WORDS.cqes);
    return this.#openFd(RING_FD);
  }

  #register(operation: number, argument: number): number {
    const at = argument % REGION;
    if (operation === io.IORING_REGISTER_PROBE) this.#ring.setUint8(at, OP_READ_MULTISHOT + 10);
    if (operation === io.IORING_REGISTER_PBUF_RING) {
      const port = this.ports[this.#ring.getUint16(at + io.BUF_REG_GROUP, true)];
      if (port === undefined) return -EINVAL;
      port.buffers = Number(this.#ring.getBigUint64(at, true)) % REGION;
      port.head = 0;
    }
    if (operation === io.IORING_REGISTER_SYNC_CANCEL) {
      this.ports.forEach((port, number) => {
        if (port.isArmed)
          this.#late.push(() => {
            this.#complete(number, 1, -errnos.ECANCELED, 0);
          });
        port.isArmed = false;
      });
    }
    return 0;
  }

  #enter(toSubmit: number, flags: number): number {
    this.enters++;
    const [head, tail] = [this.#get(WORDS.sqHead), this.#get(WORDS.sqTail)];
    if (tail - head > this.#sqEntries) throw new Error(`${tail - head} entries in a ring of ${this.#sqEntries}`);
    if (toSubmit > tail - head) throw new Error(`${toSubmit} entries are to be taken, there are ${tail - head}`);
    if (this.#chance(this.faults.enter)) return -([EAGAIN, EBUSY, EINTR][Math.floor(this.#random() * 3)] ?? EAGAIN);
    const count = this.#chance(this.faults.short) ? Math.floor(this.#random() * (toSubmit + 1)) : toSubmit;
    for (let i = 0; i < count; i++) this.#issue(this.#sqes + ((head + i) % this.#sqEntries) * io.SQE_BYTES);
    this.#put(WORDS.sqHead, head + count);
    if ((flags & io.IORING_ENTER_GETEVENTS) !== 0) this.#runLate();
    this.#noteWork();
    return count;
  }

  /** Failed writes are reported, then armed reads read. */
  #runLate(): void {
    const late = this.#late;
    this.#late = [];
    for (const report of late) report();
    this.ports.forEach((port, number) => {
      while (port.isArmed && port.incoming.length > 0) this.#read(port, number);
    });
  }

  #noteWork(): void {
    const hasWork = this.#late.length > 0 || this.ports.some(({ isArmed, incoming }) => isArmed && incoming.length > 0);
    const had = (this.#get(WORDS.sqFlags) & SQ_TASKRUN) !== 0;
    this.#put(WORDS.sqFlags, hasWork ? SQ_TASKRUN : 0);
    if (hasWork && !had && (this.#get(WORDS.cqFlags) & CQ_EVENTFD_DISABLED) === 0) this.isSignalled = true;
  }

  // ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #issue(sqe: number): void {
    const [number, kind] = [this.#ring.getUint32(sqe + 32, true), this.#ring.getUint32(sqe + 36, true)];
    const place = this.#ring.getInt32(sqe + 4, true);
    const opcode = this.#ring.getUint8(sqe);
    if (opcode === OP_READ_MULTISHOT) {
      const port = this.ports[place];
      if (port === undefined || port.isArmed) throw new Error(`A read of port ${place} was armed twice`);
      port.isArmed = true;
    } else if (opcode === OP_WRITE) {
      const address = Number(this.#ring.getBigUint64(sqe + 16, true));
      const result = this.#write(place, address, this.#ring.getUint32(sqe + 24, true));
      if (result >= 0 || this.faults.isPrompt === true) this.#complete(number, kind, result, 0);
      else
        this.#late.push(() => {
          this.#complete(number, kind, result, 0);
        });
    } else if ((this.#ring.getUint8(sqe + 1) & CQE_SKIP_SUCCESS) === 0) {
      this.#complete(number, kind, 0, 0);
    }
  }

  /** Returns what write(2) would, errors as negative numbers. */
  #write(place: number, address: number, bytes: number): number {
    const port = this.ports[place];
    if (port === undefined) return -errnos.EBADF;
    if (this.#chance(this.faults.full)) port.full = 1 + Math.floor(this.#random() * 300);
    if (port.full > 0) {
      port.full--;
      return -EAGAIN;
    }
    if (this.#chance(this.faults.write)) return [-EIO, -EINVAL, bytes - 1][Math.floor(this.#random() * 3)] ?? -EIO;
    if (bytes !== this.#frameBytes) throw new Error(`A write of ${bytes} bytes`);
    port.outgoing.push(this.#frame(address).getUint32(0, true));
    return bytes;
  }

  #read(port: FakePort, number: number): void {
    if (this.#chance(this.faults.read)) {
      port.isArmed = false;
      this.#complete(number, 1, -(this.#random() < 0.5 ? EMSGSIZE : EINTR), 0);
      return;
    }
    const tail = this.#ring.getUint16(port.buffers + 14, true);
    if ((port.head & 0xffff) === tail) {
      port.isArmed = false;
      this.#complete(number, 1, -ENOBUFS, 0);
      return;
    }
    const buffer = port.buffers + (port.head++ & 255) * 16;
    const frame = this.#frame(Number(this.#ring.getBigUint64(buffer, true)));
    frame.setUint32(0, port.incoming.shift() ?? 0, true);
    port.isArmed = !this.#chance(this.faults.read);
    const id = this.#ring.getUint16(buffer + 12, true);
    this.#complete(number, 1, this.#frameBytes, (id << 16) | 1 | (port.isArmed ? 2 : 0));
  }

  #frame(address: number): DataView {
    const region = this.#regions[Math.floor(address / REGION) - 1];
    if (region === undefined || region.buffer === this.#ring.buffer) throw new Error('An address outside of the arena');
    return new DataView(region.buffer, address % REGION, this.#frameBytes);
  }

  #complete(number: number, kind: number, result: number, flags: number): void {
    const tail = this.#get(WORDS.cqTail);
    if (tail - this.#get(WORDS.cqHead) >= this.#cqEntries) throw new Error('The completion ring is full');
    const cqe = this.#words + WORDS.cqes + (tail % this.#cqEntries) * io.CQE_BYTES;
    this.#ring.setUint32(cqe, number, true);
    this.#ring.setUint32(cqe + 4, kind, true);
    this.#ring.setInt32(cqe + 8, result, true);
    this.#ring.setUint32(cqe + 12, flags >>> 0, true);
    this.#put(WORDS.cqTail, tail + 1);
  }

  #get(word: number): number {
    return this.#ring.byteLength === 0 ? 0 : this.#ring.getUint32(this.#words + word, true);
  }

  #put(word: number, value: number): void {
    this.#ring.setUint32(this.#words + word, value, true);
  }
}
