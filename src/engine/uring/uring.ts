import { isMainThread } from 'node:worker_threads';
import { BATCH_COUNT } from '../../../assembly/layout.ts';
import * as L from '../../../assembly/ringLayout.ts';
import { TaplineError } from '../../errors.ts';
import { errnos } from '../../sys/errno.ts';
import { IORING_ENTER_GETEVENTS, ioUringEnter } from '../../sys/ioUring.ts';
import type { Libc } from '../../sys/libc.ts';
import { systemError } from '../../sys/systemError.ts';
import { Backlog } from '../backlog.ts';
import type { Engine, EngineEvents, PortState, SlotSource } from '../engine.ts';
import type { UringHandle } from '../lent/lent.ts';
import type { FdPort } from '../readloop.ts';
import { LENGTH_WORD, OFFSET_WORD, PORT_WORD, RECORD_WORDS, SLOT_WORD, portOf } from '../records.ts';
import { isLost, writeFrame } from '../writeFrame.ts';
import type { RingDriver } from './driver.ts';
import { adoptRing } from './adopt.ts';
import { closeRing } from './close.ts';
import type { RingSpace } from './ringMemory.ts';
import type { RingSizes } from './ringSizes.ts';
import { type Ring, openRing } from './setUp.ts';
import { Waker } from './waker.ts';

const { EAGAIN, EBUSY, ECANCELED, EINTR, EIO, ENOBUFS, ENODEV, ENOMEM } = errnos;

/** How to run the engine. */
export interface UringOptions {
  /** Microseconds after the last packet in which to keep asking before waiting. Default 0. */
  readonly busyPoll?: number;
  /** Entries of the rings. Default: for a batch out, and a batch in from every port. */
  readonly sizes?: RingSizes;
}

/** Times that a turn asks a kernel that is short of memory to take entries, before it gives frames up. */
const SUBMIT_ATTEMPTS = 4;
/** When to try again what failed for no reason that we know. */
const RETRY_MS = 1;

/**
 * The engine that moves a batch by one system call. The kernel fills slots that each port offers, by a multishot read, and
 * writes from the slots that the line hands out; rings and buffers lie in a private memory that `ring.wasm` drives.
 */
export class Uring implements Engine {
  readonly name = 'uring';
  readonly inbound: Uint32Array;
  readonly outbound: Uint32Array;
  readonly done: Uint32Array;
  /** Entries of the rings: fewer than asked for where locked memory is short. */
  readonly sizes: RingSizes;

  readonly #libc: Libc;
  readonly #slots: SlotSource;
  readonly #ports: readonly FdPort[];
  readonly #fdOf: ReadonlyMap<number, number>;
  readonly #ring: Ring;
  readonly #space: RingSpace;
  readonly #driver: RingDriver;
  readonly #waker: Waker;
  readonly #arena: number;
  readonly #offers: Uint16Array;
  readonly #postponed: Uint32Array;
  readonly #backlog = new Backlog();
  #retry: NodeJS.Timeout | undefined;
  /** A port has slots on offer, and found no room for its read. */
  #isUnarmed = false;
  #isClosed = false;

  /**
   * @param ports non-blocking descriptors that can be polled
   * @throws {TaplineError} `ENGINE_UNAVAILABLE` where the kernel does not allow it
   */
  static async open(
    libc: Libc,
    slots: SlotSource,
    ports: readonly FdPort[],
    options: UringOptions = {},
  ): Promise<Uring> {
    const ring = await openRing(libc, { bytes: slots.bytes, places: slots }, ports, options.sizes);
    return new Uring(libc, slots, ports, ring, options.busyPoll ?? 0);
  }

  /**
   * Runs a ring that another thread has lent (`lendUring`), from this thread on: no other one can enter it any more.
   * `close` ends all reads and writes, and leaves the descriptors to their owner.
   *
   * @param ports the same as it was lent for
   * @throws {RangeError} when it was lent for another arena
   */
  static adopt(
    libc: Libc,
    slots: SlotSource,
    ports: readonly FdPort[],
    handle: UringHandle,
    { busyPoll = 0 }: Pick<UringOptions, 'busyPoll'> = {},
  ): Uring {
    return new Uring(libc, slots, ports, adoptRing(libc, slots, ports, handle), busyPoll);
  }

  constructor(libc: Libc, slots: SlotSource, ports: readonly FdPort[], ring: Ring, busyPoll: number) {
    this.#libc = libc;
    this.#slots = slots;
    this.#ports = ports;
    this.#fdOf = new Map(ports.map(({ number, fd }) => [number, fd]));
    this.#ring = ring;
    this.sizes = ring.sizes;
    this.#space = ring.space;
    this.#driver = ring.space.driver;
    this.#waker = new Waker(libc, ring.eventFd, this.#driver, busyPoll, ring.isLent || !isMainThread);
    this.#arena = libc.addressOf(slots.bytes);
    this.inbound = ring.space.records(L.RING_INBOUND_OFFSET, BATCH_COUNT);
    this.outbound = ring.space.records(L.RING_OUTBOUND_OFFSET, BATCH_COUNT);
    this.done = ring.space.records(L.RING_DONE_OFFSET, L.RING_DONE_COUNT);
    this.#postponed = ring.space.records(L.RING_POSTPONED_OFFSET, L.RING_POSTPONED_COUNT);
    this.#offers = new Uint16Array(ring.space.memory.buffer, L.RING_OFFER_OFFSET, BATCH_COUNT);
  }

  get doneCount(): number {
    return this.#space.control(L.RING_DONE);
  }

  get pendingCount(): number {
    return this.#space.control(L.RING_WRITING) + this.#backlog.count;
  }

  get readErrors(): number {
    return this.#space.control(L.RING_READ_ERRORS);
  }

  portState(port: number): PortState {
    const flags = this.#space.port(port, L.RING_PORT_FLAGS);
    if ((flags & L.RING_PORT_USED) === 0 || (flags & L.RING_PORT_GONE) !== 0) return 'gone';
    return (flags & L.RING_PORT_DOWN) !== 0 ? 'down' : 'up';
  }

  start(events: EngineEvents): void {
    open.add(this);
    this.#waker.start(() => {
      events.ready();
    });
    this.#refill();
    this.#exchange(IORING_ENTER_GETEVENTS);
    this.#rest(0);
  }

  turn(outCount: number, inLimit: number): number {
    this.#waker.turn();
    this.#space.setControl(L.RING_DONE, 0);
    if (this.#backlog.count > 0) this.#retryBacklog();
    // First, since the writes of a batch may fill the ring.
    if (inLimit > 0) this.#refill();
    if (outCount > 0) this.#prepare(outCount);
    if (this.#driver.unsubmitted() > 0 || (inLimit > 0 && this.#driver.mustEnter())) {
      this.#exchange(inLimit > 0 ? IORING_ENTER_GETEVENTS : 0);
    } else {
      this.#reap();
    }
    const inCount = this.#driver.deliver(inLimit);
    this.#rest(inCount);
    return inCount;
  }

  close(): void {
    this.#space.setControl(L.RING_DONE, 0);
    if (this.#isClosed) return;
    this.#isClosed = true;
    open.delete(this);
    this.#waker.close();
    clearTimeout(this.#retry);
    this.#backlog.close((records, word) => {
      this.#complete(records, word, ECANCELED);
    });
    closeRing(this.#ring, this.#ports, this.#slots);
  }

  // ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Prepares the writes of a batch, with the kernel's help where the ring is smaller than that. */
  #prepare(count: number): void {
    let next = this.#driver.prepare(0, count);
    this.#takePostponed();
    for (let attempt = 0; next < count && attempt < SUBMIT_ATTEMPTS; attempt++) {
      const before = next;
      this.#exchange(0);
      next = this.#driver.prepare(next, count);
      this.#takePostponed();
      if (next > before) attempt = -1;
    }
    for (; next < count; next++) this.#complete(this.outbound, next * RECORD_WORDS, ENOBUFS);
  }

  /** What found no room waits in the order in which it came; what is beyond the backlog is lost. */
  #takePostponed(): void {
    const count = this.#space.control(L.RING_POSTPONED);
    if (count === 0) return;
    this.#space.setControl(L.RING_POSTPONED, 0);
    for (let word = 0; word < count * RECORD_WORDS; word += RECORD_WORDS) this.#postpone(this.#postponed, word);
  }

  #postpone(records: Uint32Array, word: number): void {
    if (!this.#backlog.add(records, word, this.#comeAgain)) this.#complete(records, word, ENOBUFS);
  }

  /** Frames that wait are written one by one, so that none overtakes another. */
  #retryBacklog(): void {
    this.#backlog.retry(this.#writeAgain);
    for (const { number } of this.#ports) {
      this.#space.setPort(number, L.RING_PORT_WAITING, this.#backlog.holds(number) ? 1 : 0);
    }
  }

  /** A field, so that no function is made per turn. */
  readonly #writeAgain = (records: Uint32Array, word: number): void => {
    const port = portOf(records[word + PORT_WORD] ?? 0);
    const errno = this.#backlog.holds(port) ? EAGAIN : this.#writeFrame(port, records, word);
    if (errno === EAGAIN) this.#postpone(records, word);
    else this.#complete(records, word, errno);
  };

  /** Returns 0 or an errno. The record was checked when it came. */
  #writeFrame(port: number, records: Uint32Array, word: number): number {
    const fd = this.#fdOf.get(port);
    if (fd === undefined || this.portState(port) === 'gone') return ENODEV;
    const slot = records[word + SLOT_WORD] ?? 0;
    const address = this.#arena + this.#slots.address(slot) + (records[word + OFFSET_WORD] ?? 0);
    const errno = writeFrame(this.#libc, fd, address, records[word + LENGTH_WORD] ?? 0);
    const flags = this.#space.port(port, L.RING_PORT_FLAGS) & ~L.RING_PORT_DOWN;
    const found = isLost(errno) ? L.RING_PORT_GONE : errno === EIO ? L.RING_PORT_DOWN : 0;
    if (errno !== EAGAIN) this.#space.setPort(port, L.RING_PORT_FLAGS, flags | found);
    return errno;
  }

  #complete(records: Uint32Array, word: number, errno: number): void {
    const [slot = 0, port = 0] = [records[word + SLOT_WORD], records[word + PORT_WORD]];
    this.#driver.complete(slot, port, records[word + LENGTH_WORD] ?? 0, errno);
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Offers slots to the kernel, and sees that each port has a read armed. */
  #refill(): void {
    this.#isUnarmed = false;
    for (const { number } of this.#ports) {
      if ((this.#space.port(number, L.RING_PORT_FLAGS) & L.RING_PORT_GONE) !== 0) continue;
      const wanted = this.#driver.wanted(number);
      if (wanted > 0) this.#offer(number, wanted);
      if (!this.#driver.arm(number) && this.#space.port(number, L.RING_PORT_OFFERED) > 0) this.#isUnarmed = true;
    }
  }

  #offer(port: number, wanted: number): void {
    let count = 0;
    for (; count < wanted; count++) {
      const slot = this.#slots.take(port);
      if (slot < 0) break;
      this.#offers[count] = slot;
    }
    if (this.#driver.offer(port, count) !== count) {
      throw new TaplineError('ENGINE_CONTRACT', `Cannot read by port ${port}: a slot of its pool is not free`);
    }
    if (count < wanted && this.#space.port(port, L.RING_PORT_OFFERED) === 0) {
      this.#slots.awaitSlot(port, this.#comeAgain);
    }
  }

  readonly #comeAgain = (): void => {
    this.#waker.comeAgain();
  };

  // ── The kernel ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Hands the kernel what was prepared, and takes in what it has completed. Writes that failed are only reported when the
   * kernel is asked for events, which lets it read, too.
   */
  #exchange(flags: number): void {
    this.#enter(flags);
    this.#reap();
    if (flags !== 0 || this.#space.control(L.RING_WRITING) <= this.#driver.unsubmitted()) return;
    this.#enter(IORING_ENTER_GETEVENTS);
    this.#reap();
  }

  #enter(flags: number): void {
    const result = ioUringEnter(this.#libc, this.#ring.fd, this.#driver.unsubmitted(), flags);
    if (result < 0 && !isLater(-result)) {
      throw systemError({ action: 'Cannot move packets', syscall: 'io_uring_enter', errno: -result });
    }
  }

  #reap(): void {
    this.#driver.reap();
    this.#takePostponed();
  }

  /** What is left undone calls for another turn: at once, or where something fails, after a moment. */
  #rest(inCount: number): void {
    if (this.#driver.unsubmitted() > 0 || this.#hasFailed()) {
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.#waker.comeAgain();
      }, RETRY_MS);
    }
    this.#waker.rest(inCount > 0 || this.#isUnarmed || this.#space.control(L.RING_QUEUED) > 0);
  }

  #hasFailed(): boolean {
    for (const { number } of this.#ports) {
      if ((this.#space.port(number, L.RING_PORT_FLAGS) & L.RING_PORT_FAILED) !== 0) return true;
    }
    return false;
  }
}

/**
 * Engines whose slots the kernel may fill. They are held until they are closed: if a line that was forgotten were
 * collected, the kernel would write into memory that is no longer ours.
 */
const open = new Set<Uring>();

/** The kernel is short of memory just now, or was interrupted. */
function isLater(errno: number): boolean {
  return errno === EAGAIN || errno === EBUSY || errno === EINTR || errno === ENOMEM;
}
