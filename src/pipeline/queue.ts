import { TaplineError } from '../errors.ts';
import type { FrameBatch, MemoryPort } from '../engine/memoryPort.ts';
import { type QueueOptions, checkQueueOptions } from './queueOptions.ts';

export type { QueueOptions } from './queueOptions.ts';

/**
 * A port to your own code: what you send enters the line, what the line forwards to it comes out in batches.
 *
 * Before its line is open, and after it was closed, sending fails with `LINE_CLOSED`. Iteration, by one loop at a time,
 * ends when the line is closed; before the line is open it fails with `LINE_CLOSED`.
 */
export interface Queue extends AsyncIterable<FrameBatch> {
  readonly kind: 'queue';
  readonly options: QueueOptions;

  /** Copies a frame into the line; false when there is no room just now. */
  trySend(frame: Uint8Array): boolean;
  /**
   * Copies a frame into the line as soon as there is room; frames keep their order. Waiting for the promise is the
   * back-pressure: until then the frame must not be changed.
   *
   * @throws {RangeError} when the frame is empty or longer than `frameBytes`
   * @throws {TaplineError} `LINE_CLOSED`
   */
  send(frame: Uint8Array): Promise<void>;
  /**
   * The next frames, or null when there are none just now. The views of a batch are valid until the next batch is taken.
   *
   * A reader may leave 512 frames waiting, those of the batch in its hands included. Then frames from devices are lost
   * with reason `txFull`, and who sends into the line by another queue waits.
   */
  tryReceive(): FrameBatch | null;
}

/**
 * Makes a port to your own code. It may stand in one line.
 *
 * @throws {TypeError} or {RangeError} when an option is wrong
 */
export function queue(options: QueueOptions = {}): Queue {
  return new LineQueue(options);
}

/** The queue as its line sees it. */
export class LineQueue implements Queue {
  readonly kind = 'queue';
  readonly options: QueueOptions;

  #port: MemoryPort | undefined;
  /** Sends that wait for room, oldest first. */
  readonly #senders: Sender[] = [];
  /** Wakes the one who iterates. */
  #wake: () => void = () => undefined;
  #isIterated = false;

  constructor(options: QueueOptions) {
    checkQueueOptions(options);
    this.options = options;
  }

  /** @throws {TypeError} when the queue was part of a line before */
  checkIsNew(): void {
    if (this.#port !== undefined) throw new TypeError('Cannot use a queue in two lines: make one for each');
  }

  /** Called by the line that opens it. */
  attach(port: MemoryPort): void {
    this.checkIsNew();
    this.#port = port;
    port.watch(
      () => {
        this.#wake();
      },
      () => {
        this.#sendWaiting();
      },
    );
  }

  /** Called when the line could not be opened after all: the queue may be used for another one. */
  detach(): void {
    this.#port = undefined;
  }

  trySend(frame: Uint8Array): boolean {
    const port = this.#openPort();
    checkFrame(frame, port.frameBytes);
    return this.#senders.length === 0 && port.offer(frame);
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.trySend(frame)) return;
    await new Promise<void>((resolve, reject) => {
      this.#senders.push({ frame, resolve, reject });
    });
  }

  tryReceive(): FrameBatch | null {
    return this.#port?.receive() ?? null;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<FrameBatch> {
    const port = this.#port ?? this.#openPort();
    if (this.#isIterated)
      throw new TypeError('Cannot iterate a queue twice at a time: one loop would end the batch of the other');
    this.#isIterated = true;
    try {
      for (;;) {
        const batch = port.receive();
        if (batch !== null) yield batch;
        else if (!port.isOpen) return;
        else await this.#frames();
      }
    } finally {
      this.#isIterated = false;
      port.giveBack();
    }
  }

  #openPort(): MemoryPort {
    if (this.#port?.isOpen !== true) {
      const why = this.#port === undefined ? 'it is not part of an open line' : 'its line was closed';
      throw new TaplineError('LINE_CLOSED', `Cannot use the queue: ${why}`);
    }
    return this.#port;
  }

  #frames(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** There is room, or there never will be again. */
  #sendWaiting(): void {
    while (this.#senders.length > 0) {
      const sender = this.#senders[0];
      if (sender === undefined) return;
      if (!this.#sendOne(sender)) return;
      this.#senders.shift();
    }
  }

  /** Settles a send that waited; false when there still is no room for it. */
  #sendOne(sender: Sender): boolean {
    if (this.#port?.isOpen !== true) {
      sender.reject(new TaplineError('LINE_CLOSED', 'Cannot send: the line was closed'));
      return true;
    }
    try {
      // Its memory may have been given away meanwhile: that is the sender's mistake, not the line's.
      checkFrame(sender.frame, this.#port.frameBytes);
    } catch (error) {
      sender.reject(error as Error);
      return true;
    }
    if (!this.#port.offer(sender.frame)) return false;
    sender.resolve();
    return true;
  }
}

interface Sender {
  readonly frame: Uint8Array;
  resolve(): void;
  reject(error: Error): void;
}

function checkFrame(frame: Uint8Array, limit: number): void {
  if (!(frame instanceof Uint8Array)) throw new TypeError('Cannot send: a frame must be a Uint8Array');
  if (frame.length === 0 || frame.length > limit) {
    throw new RangeError(`Cannot send a frame of ${frame.length} bytes: it must be 1 to ${limit} bytes long`);
  }
}
