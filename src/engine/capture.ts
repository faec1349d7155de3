import { BATCH_COUNT, type LINK_ETHERNET, type LINK_IP, RECORD_PORT_MASK } from '../../assembly/layout.ts';
import type { CaptureReader } from '../capture/captureReader.ts';
import type { CaptureWriter } from '../capture/captureWriter.ts';
import type { TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import { CaptureInput, type SkipCounts } from './captureInput.ts';
import { BACKLOG_COUNT, CaptureOutput } from './captureOutput.ts';
import type { Engine, EngineEvents, EnginePort, PortState, SlotSource } from './engine.ts';
import { ERRNO_WORD, LENGTH_WORD, PORT_WORD, RECORD_WORDS, SLOT_WORD, recordArray } from './records.ts';
import { STAMP_WORDS, type Stamped, stampArray } from './captureStamps.ts';

/**
 * A port behind which capture files stand: one that it reads, one that it writes, or both. With neither, it takes
 * everything and keeps nothing.
 */
export interface CapturePort extends EnginePort {
  /** What the line carries on it. Packets of the file that are something else are skipped and counted. */
  readonly link: typeof LINK_ETHERNET | typeof LINK_IP;
  readonly reader?: CaptureReader;
  /** 1: packets come as far apart as they were captured; 2: twice as fast. Default Infinity: as fast as they can. */
  readonly speed?: number;
  readonly writer?: CaptureWriter;
  /** Bytes of virtio header before each frame that is to be written; they are not captured. Default 0. */
  readonly headerBytes?: number;
  /**
   * What becomes of packets when the disk or the reader of a pipe is too slow. `'drop'` (the default): they are lost, the
   * line goes on. `'wait'`: they wait, and the engine reads no file meanwhile, so that a replay loses nothing.
   */
  readonly whenFull?: 'drop' | 'wait';
  /** The writer's interface for packets that came in by a port, by its number; they are marked inbound. Others: 0. */
  readonly interfaceOf?: readonly (number | undefined)[];
}

/**
 * The engine of capture files. Reading copies each packet once, from the window on the file into a slot; writing copies it
 * once, into a chunk for the disk. A port whose file was read to its end is `finished`, and so is one that is only written,
 * from the start.
 */
export class CaptureEngine implements Engine, Stamped {
  readonly name = 'capture';
  readonly inbound = recordArray(BATCH_COUNT);
  readonly outbound = recordArray(BATCH_COUNT);
  readonly inboundStamps = stampArray(BATCH_COUNT);
  readonly outboundStamps = stampArray(BATCH_COUNT);
  readonly done: Uint32Array;
  doneCount = 0;
  /** What cannot be read ends a file; nothing is tried again. */
  readonly readErrors = 0;

  readonly #inputs: readonly CaptureInput[];
  readonly #outputs: readonly CaptureOutput[];
  readonly #inputOf: (CaptureInput | undefined)[] = [];
  readonly #outputOf: (CaptureOutput | undefined)[] = [];
  /** Ports that take everything and keep nothing. */
  readonly #isVoid: (true | undefined)[] = [];
  /** Where the next turn begins, so that no port is always last. */
  #first = 0;
  #events: EngineEvents | undefined;
  #isTold = false;

  /** @param ports their readers and writers are closed by who opened them */
  constructor(slots: SlotSource, ports: readonly CapturePort[]) {
    const { bytes } = slots;
    const memory = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
    for (const port of ports) {
      const { number, reader, writer, speed = Infinity, whenFull = 'drop', interfaceOf = [], headerBytes = 0 } = port;
      if (reader !== undefined) {
        this.#inputOf[number] = new CaptureInput(port, reader, speed, slots, memory, this.#tell);
      }
      if (writer !== undefined) {
        const isPatient = whenFull === 'wait';
        const output = new CaptureOutput(writer, isPatient, interfaceOf, headerBytes, slots, memory, this.#tell);
        this.#outputOf[number] = output;
      }
      if (reader === undefined && writer === undefined) this.#isVoid[number] = true;
    }
    this.#inputs = this.#inputOf.filter((input) => input !== undefined);
    this.#outputs = this.#outputOf.filter((output) => output !== undefined);
    this.done = recordArray(BATCH_COUNT + this.#outputs.length * BACKLOG_COUNT);
  }

  get pendingCount(): number {
    let count = 0;
    for (const output of this.#outputs) count += output.pendingCount;
    return count;
  }

  start(events: EngineEvents): void {
    this.#events = events;
    this.#tell();
  }

  turn(outCount: number, inLimit: number): number {
    this.doneCount = 0;
    for (const output of this.#outputs) output.drain(this.#complete);
    for (let i = 0; i < outCount; i++) this.#write(i);
    const inCount = this.pendingCount > 0 ? 0 : this.#read(inLimit);
    if (this.pendingCount === 0 && this.#inputs.some(({ hasMore }) => hasMore)) this.#tell();
    return inCount;
  }

  portState(port: number): PortState {
    const input = this.#inputOf[port];
    if (input !== undefined) return input.state;
    return this.#outputOf[port] === undefined && this.#isVoid[port] !== true ? 'gone' : 'finished';
  }

  /** Why the file of a port ended before its end; undefined: it did not. */
  failure(port: number): TaplineError | undefined {
    return this.#inputOf[port]?.failure;
  }

  /** Packets of a port's file that did not come into the line. */
  skipped(port: number): Readonly<SkipCounts> | undefined {
    return this.#inputOf[port]?.skipped;
  }

  close(): void {
    this.doneCount = 0;
    this.#events = undefined;
    for (const input of this.#inputs) input.close();
    for (const output of this.#outputs) output.cancel(this.#complete);
  }

  /** Each file its share; what some leave of theirs goes to those that have more. */
  #read(limit: number): number {
    const count = this.#inputs.length;
    let inCount = 0;
    let hungry = count;
    for (let isFirst = true; hungry > 0 && inCount < limit; isFirst = false) {
      const share = Math.max(1, Math.floor((limit - inCount) / hungry));
      const before = inCount;
      hungry = 0;
      for (let i = 0; i < count && inCount < limit; i++) {
        const input = this.#inputs[(this.#first + i) % count];
        if (input === undefined || input.state === 'finished' || !(isFirst || input.hasMore)) continue;
        inCount += input.read(this.inbound, this.inboundStamps, inCount, Math.min(share, limit - inCount));
        if (input.hasMore) hungry++;
      }
      if (inCount === before) break;
    }
    if (limit > 0 && count > 0) this.#first = (this.#first + 1) % count;
    return inCount;
  }

  #write(index: number): void {
    const word = index * RECORD_WORDS;
    const port = (this.outbound[word + PORT_WORD] ?? 0) & RECORD_PORT_MASK;
    const output = this.#outputOf[port];
    if (output === undefined) this.#complete(this.outbound, word, this.#isVoid[port] === true ? 0 : errnos.EBADF);
    else output.write(this.outbound, word, this.outboundStamps, index * STAMP_WORDS, this.#complete);
  }

  readonly #complete = (records: Uint32Array, word: number, errno: number): void => {
    const to = this.doneCount++ * RECORD_WORDS;
    this.done[to + SLOT_WORD] = records[word + SLOT_WORD] ?? 0;
    this.done[to + PORT_WORD] = records[word + PORT_WORD] ?? 0;
    this.done[to + LENGTH_WORD] = records[word + LENGTH_WORD] ?? 0;
    this.done[to + ERRNO_WORD] = errno;
  };

  /** Calls the line from the event loop, never from inside a turn, and once for many reasons. */
  readonly #tell = (): void => {
    if (this.#isTold || this.#events === undefined) return;
    this.#isTold = true;
    setImmediate(() => {
      this.#isTold = false;
      this.#events?.ready();
    });
  };
}
