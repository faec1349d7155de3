import { BATCH_COUNT, RECORD_FLAG_TRUNCATED, RECORD_PORT_MASK } from '../../assembly/layout.ts';
import { errnos } from '../sys/errno.ts';
import type { Libc } from '../sys/libc.ts';
import type { PollHandle } from '../sys/poll.ts';
import { BACKLOG_COUNT, Backlog } from './backlog.ts';
import type { Engine, EngineEvents, EnginePort, PortState, SlotSource } from './engine.ts';
import { Gate } from './lent/gate.ts';
import { COUNTS_BYTES, type FrameCounts, countsIn } from './lent/counts.ts';
import type { ReadLoopHandle } from './lent/lent.ts';
import { ERRNO_WORD, LENGTH_WORD, OFFSET_WORD, PORT_WORD, RECORD_WORDS, SLOT_WORD, recordArray } from './records.ts';
import { isLost, writeFrame } from './writeFrame.ts';

const { EAGAIN, ECANCELED, EINTR, EIO, ENOBUFS, ENODEV } = errnos;

/** A port behind a non-blocking file descriptor that moves one frame per read and write: a TUN or TAP device. */
export interface FdPort extends EnginePort {
  readonly fd: number;
}

/**
 * The engine that works everywhere: one `read` or `write` per frame, until there is nothing left or the batch is full.
 * The event loop is told by level-triggered polling, so what one round leaves behind calls for the next one.
 */
export class ReadLoop implements Engine {
  readonly name = 'readloop';
  readonly inbound = recordArray(BATCH_COUNT);
  readonly outbound = recordArray(BATCH_COUNT);
  readonly done = recordArray(BATCH_COUNT + BACKLOG_COUNT);
  doneCount = 0;
  readErrors = 0;

  readonly #libc: Libc;
  readonly #slots: SlotSource;
  readonly #ports: readonly ReadLoopPort[];
  readonly #byNumber: (ReadLoopPort | undefined)[] = [];
  /** Native address of the arena. */
  readonly #base: number;
  readonly #gate: Gate | undefined;
  readonly #filled: Uint32Array;
  readonly #written: Uint32Array;
  readonly #backlog = new Backlog();
  #inCount = 0;
  /** Where the next turn begins, so that no port is always last. */
  #first = 0;
  #events: EngineEvents | undefined;

  /**
   * Runs a read loop that another thread has lent (`lendReadLoop`).
   *
   * @param ports the same as it was lent for
   */
  static adopt(libc: Libc, slots: SlotSource, ports: readonly FdPort[], handle: ReadLoopHandle): ReadLoop {
    return new ReadLoop(libc, slots, ports, new Gate(libc, handle.wakeFd), countsIn(handle.counts));
  }

  /**
   * @param ports non-blocking descriptors that can be polled
   * @param gate by which to wait for them, which it does already. Default: they are polled themselves
   * @param counts where to count
   */
  constructor(
    libc: Libc,
    slots: SlotSource,
    ports: readonly FdPort[],
    gate?: Gate,
    counts: FrameCounts = countsIn(new SharedArrayBuffer(COUNTS_BYTES)),
  ) {
    this.#libc = libc;
    this.#gate = gate;
    this.#filled = counts.filled;
    this.#written = counts.written;
    this.#slots = slots;
    this.#base = libc.addressOf(slots.bytes);
    this.#ports = ports.map((port) => ({
      ...port,
      state: 'up',
      spare: -1,
      isHungry: false,
      isStarved: false,
      poll: undefined,
      readOffset: slots.readOffset(port.number),
      readBytes: slots.readBytes(port.number),
    }));
    for (const port of this.#ports) this.#byNumber[port.number] = port;
  }

  get pendingCount(): number {
    return this.#backlog.count;
  }

  start(events: EngineEvents): void {
    this.#events = events;
    const gate = this.#gate;
    for (const port of this.#ports) {
      port.poll =
        gate?.watch(port.fd) ??
        this.#libc.poll(port.fd, { readable: true }, (status) => {
          if (status < 0) this.#lose(port);
          events.ready();
        });
    }
    gate?.start(this.#ready);
  }

  turn(outCount: number, inLimit: number): number {
    this.#gate?.turn();
    this.doneCount = 0;
    if (this.#backlog.count > 0) this.#backlog.retry(this.#write);
    for (let i = 0; i < outCount; i++) this.#write(this.outbound, i * RECORD_WORDS);
    return this.#read(inLimit);
  }

  portState(port: number): PortState {
    return this.#byNumber[port]?.state ?? 'gone';
  }

  close(): void {
    this.doneCount = 0;
    this.#gate?.close();
    for (const port of this.#ports) {
      port.poll?.close();
      port.poll = undefined;
      if (port.spare >= 0) this.#slots.release(port.spare);
      port.spare = -1;
    }
    this.#backlog.close((records, word) => {
      this.#complete(records, word, ECANCELED);
    });
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Each port gets an equal share; what some of them leave is shared out again among those that have more. */
  #read(limit: number): number {
    this.#inCount = 0;
    let hungry = this.#ports.length;
    for (const port of this.#ports) port.isHungry = port.state !== 'gone';
    while (hungry > 0 && this.#inCount < limit) hungry = this.#readRound(limit, hungry);
    if (limit > 0) this.#first = (this.#first + 1) % this.#ports.length;
    return this.#inCount;
  }

  /** Lets every hungry port read its share. Returns how many of them are hungry still. */
  #readRound(limit: number, hungry: number): number {
    const count = this.#ports.length;
    const share = Math.max(1, Math.floor((limit - this.#inCount) / hungry));
    let left = 0;
    for (let i = 0; i < count; i++) {
      const port = this.#ports[(this.#first + i) % count];
      if (port?.isHungry !== true) continue;
      port.isHungry = this.#readPort(port, Math.min(share, limit - this.#inCount));
      if (port.isHungry) left++;
    }
    return left;
  }

  /** Returns whether the port may have more than the `limit` frames that were read. */
  #readPort(port: ReadLoopPort, limit: number): boolean {
    for (let i = 0; i < limit; i++) {
      const slot = port.spare >= 0 ? port.spare : this.#slots.take(port.number);
      port.spare = slot;
      if (slot < 0) {
        this.#starve(port);
        return false;
      }
      const address = this.#base + this.#slots.address(slot) + port.readOffset;
      const bytes = this.#libc.read(port.fd, address, port.readBytes);
      if (bytes <= 0) {
        if (bytes < 0) this.#readFailed(port, this.#libc.errno());
        // The other side of a socket was closed. A device never answers so.
        else this.#lose(port);
        return false;
      }
      this.#filled[port.number] = (this.#filled[port.number] ?? 0) + 1;
      port.spare = -1;
      const word = this.#inCount++ * RECORD_WORDS;
      this.inbound[word + SLOT_WORD] = slot;
      this.inbound[word + PORT_WORD] = port.number | (bytes === port.readBytes ? RECORD_FLAG_TRUNCATED : 0);
      this.inbound[word + LENGTH_WORD] = bytes;
      this.inbound[word + OFFSET_WORD] = port.readOffset;
    }
    return true;
  }

  /** Without a slot there is nothing to be done for the port: polling would only spin until one comes back. */
  #starve(port: ReadLoopPort): void {
    if (port.isStarved) return;
    port.isStarved = true;
    port.poll?.pause();
    this.#slots.awaitSlot(port.number, () => {
      port.isStarved = false;
      port.poll?.resume();
    });
  }

  /** Nothing there, or interrupted: the next turn reads again. Anything else but a lost device is counted, and tried again. */
  #readFailed(port: ReadLoopPort, errno: number): void {
    if (errno === EAGAIN || errno === EINTR) return;
    if (isLost(errno)) this.#lose(port);
    else this.readErrors++;
  }

  // ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A field, so that no function is made per turn. */
  readonly #write = (records: Uint32Array, word: number): void => {
    const port = this.#byNumber[(records[word + PORT_WORD] ?? 0) & RECORD_PORT_MASK];
    if (port === undefined || port.state === 'gone') {
      this.#complete(records, word, ENODEV);
      return;
    }
    // Behind a frame that waits, others for the same port wait too: order is kept.
    const errno = this.#backlog.holds(port.number) ? EAGAIN : this.#writeFrame(port, records, word);
    if (errno !== EAGAIN) this.#complete(records, word, errno);
    else if (!this.#backlog.add(records, word, this.#ready)) this.#complete(records, word, ENOBUFS);
  };

  readonly #ready = (): void => {
    this.#events?.ready();
  };

  /** Returns 0 or an errno. */
  #writeFrame(port: ReadLoopPort, records: Uint32Array, word: number): number {
    const length = records[word + LENGTH_WORD] ?? 0;
    const address =
      this.#base + this.#slots.address(records[word + SLOT_WORD] ?? 0) + (records[word + OFFSET_WORD] ?? 0);
    const errno = writeFrame(this.#libc, port.fd, address, length);
    if (errno === 0) {
      this.#written[port.number] = (this.#written[port.number] ?? 0) + 1;
      port.state = 'up';
    }
    if (isLost(errno)) this.#lose(port);
    else if (errno === EIO) port.state = 'down';
    return errno;
  }

  #complete(records: Uint32Array, word: number, errno: number): void {
    const to = this.doneCount++ * RECORD_WORDS;
    this.done[to + SLOT_WORD] = records[word + SLOT_WORD] ?? 0;
    this.done[to + PORT_WORD] = records[word + PORT_WORD] ?? 0;
    this.done[to + LENGTH_WORD] = records[word + LENGTH_WORD] ?? 0;
    this.done[to + ERRNO_WORD] = errno;
  }

  /** The interface is gone for good; libuv has stopped watching the descriptor. */
  #lose(port: ReadLoopPort): void {
    port.state = 'gone';
    port.poll?.close();
    port.poll = undefined;
  }
}

interface ReadLoopPort extends FdPort {
  readonly readOffset: number;
  readonly readBytes: number;
  state: PortState;
  /** A slot that was taken and not filled: the next read uses it. */
  spare: number;
  /** It may have more to read in this turn. */
  isHungry: boolean;
  /** Its pool is empty: polling waits for a slot. */
  isStarved: boolean;
  poll: PollHandle | undefined;
}
