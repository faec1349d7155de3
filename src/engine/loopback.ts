import { BATCH_COUNT, RECORD_PORT_MASK } from '../../assembly/layout.ts';
import { errnos } from '../sys/errno.ts';
import type { Engine, EngineEvents, EnginePort, PortState, SlotSource } from './engine.ts';
import { MemoryPort } from './memoryPort.ts';
import { ERRNO_WORD, PORT_WORD, RECORD_WORDS, recordArray } from './records.ts';

/** Completions of one turn and port, at most: frames that were received, those that wait for a reader, and a batch. */
const DONE_COUNT = 8 * BATCH_COUNT;

/**
 * The engine without a kernel: its ports are memory. Tests use it, and it is behind every queue to a user's own code.
 */
export class Loopback implements Engine {
  readonly name = 'loopback';
  readonly inbound = recordArray(BATCH_COUNT);
  readonly outbound = recordArray(BATCH_COUNT);
  readonly done: Uint32Array;
  doneCount = 0;
  readonly readErrors = 0;

  readonly #ports: readonly MemoryPort[];
  readonly #byNumber: (MemoryPort | undefined)[] = [];
  #first = 0;
  #events: EngineEvents | undefined;
  #isTold = false;

  constructor(slots: SlotSource, ports: readonly EnginePort[]) {
    this.#ports = ports.map(
      (port) =>
        new MemoryPort(port, slots, () => {
          this.#tell();
        }),
    );
    for (const port of this.#ports) this.#byNumber[port.number] = port;
    this.done = recordArray(DONE_COUNT * Math.max(1, ports.length));
  }

  /** The other side of a port. */
  port(number: number): MemoryPort {
    const port = this.#byNumber[number];
    if (port === undefined) throw new RangeError(`There is no memory port ${number}`);
    return port;
  }

  get pendingCount(): number {
    return this.#ports.reduce((count, port) => count + port.pendingCount, 0);
  }

  start(events: EngineEvents): void {
    this.#events = events;
    if (this.#hungryCount() > 0) this.#tell();
  }

  turn(outCount: number, inLimit: number): number {
    this.doneCount = 0;
    for (const port of this.#ports) this.#takeBack(port, errnos.ENODEV);
    for (let i = 0; i < outCount; i++) this.#write(i * RECORD_WORDS);
    const inCount = this.#read(inLimit);
    if (this.#hungryCount() > 0) this.#tell();
    return inCount;
  }

  portState(port: number): PortState {
    return this.#byNumber[port]?.isOpen === true ? 'up' : 'gone';
  }

  close(): void {
    this.#events = undefined;
    this.doneCount = 0;
    for (const port of this.#ports) {
      port.close();
      this.#takeBack(port, errnos.ECANCELED);
    }
  }

  /** Completes what the reader has finished with, and with `errno` what nobody will read any more. */
  #takeBack(port: MemoryPort, errno: number): void {
    while (port.takeReturned(this.done, this.#doneWord())) this.#complete(0);
    if (port.isOpen) return;
    while (port.takeUnread(this.done, this.#doneWord())) this.#complete(errno);
  }

  /** Each port gets an equal share; what some of them leave is shared out again among those that have more. */
  #read(limit: number): number {
    const count = this.#ports.length;
    let inCount = 0;
    let hungry = this.#hungryCount();
    while (hungry > 0 && inCount < limit) {
      const share = Math.max(1, Math.floor((limit - inCount) / hungry));
      for (let i = 0; i < count && inCount < limit; i++) {
        const port = this.#ports[(this.#first + i) % count];
        inCount += port?.takeOffered(this.inbound, inCount, Math.min(share, limit - inCount)) ?? 0;
      }
      hungry = this.#hungryCount();
    }
    if (limit > 0) this.#first = (this.#first + 1) % count;
    return inCount;
  }

  #hungryCount(): number {
    let count = 0;
    for (const port of this.#ports) if (port.inCount > 0) count++;
    return count;
  }

  #write(word: number): void {
    const port = this.#byNumber[(this.outbound[word + PORT_WORD] ?? 0) & RECORD_PORT_MASK];
    if (port?.isOpen === true && port.deliver(this.outbound, word)) return;
    for (let i = 0; i < RECORD_WORDS; i++) this.done[this.#doneWord() + i] = this.outbound[word + i] ?? 0;
    this.#complete(port?.isOpen === true ? errnos.ENOBUFS : errnos.ENODEV);
  }

  #doneWord(): number {
    return this.doneCount * RECORD_WORDS;
  }

  #complete(errno: number): void {
    this.done[this.#doneWord() + ERRNO_WORD] = errno;
    this.doneCount++;
  }

  /** Calls the line from the event loop, never from inside a turn or a filter, and once for many frames. */
  #tell(): void {
    if (this.#isTold || this.#events === undefined) return;
    this.#isTold = true;
    setImmediate(this.#call);
  }

  /** A field: a function made inside of `#tell` would cost an allocation for each frame, also where it returns early. */
  readonly #call = (): void => {
    this.#isTold = false;
    this.#events?.ready();
  };
}
