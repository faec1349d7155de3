import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads';
import { TaplineError } from '../errors.ts';
import type { Summary } from '../pipeline/summary.ts';
import type { Answer, LaneData, LaneOrder, LaneVerb, LaneVerbs, Question, Report } from './messages.ts';
import { received } from './sentError.ts';

/** How a worker came to its end. */
export interface WorkerEnd {
  /** What it said last, where it had the time. */
  readonly summary: Summary | undefined;
  /** What its line ended with, or what kept it from beginning. */
  readonly error: Error | undefined;
  /** Why it ended, where nobody had asked it to. */
  readonly why: string;
}

/** What a worker says by itself. */
export type Remark = Extract<Report, { readonly kind: 'log' | 'rows' | 'back' | 'offloads' | 'steppedDown' }>;

/** A question that nobody answers any more: the worker has ended. Not an answer, so no refusal either. */
export class NoAnswer extends TaplineError {
  constructor() {
    super('LANE_LOST', 'The worker of the lane has ended');
  }
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One worker thread, as the thread that opened the line sees it. */
export class LaneWorker {
  /** Resolves when its line is made; rejects with why it is not. */
  readonly ready: Promise<void>;
  /** Resolves when the thread has ended, for whatever reason. Never rejects. */
  readonly over: Promise<WorkerEnd>;
  readonly #thread: Worker;
  readonly #port: MessagePort;
  readonly #pending = new Map<number, Pending>();
  #asked = 0;
  #isOver = false;
  #last: Extract<Report, { readonly kind: 'ended' }> | undefined;
  #error: Error | undefined;
  #why: string | undefined;

  /** @throws {DOMException} `DataCloneError` when the order cannot be sent */
  constructor(order: LaneOrder, hear: (remark: Remark) => void) {
    const { thread, port } = startThread(order);
    this.#thread = thread;
    this.#port = port;
    let begin = (): void => undefined;
    let fail: (error: Error) => void = () => undefined;
    this.ready = new Promise((resolve, reject) => {
      begin = resolve;
      fail = reject;
    });
    this.ready.catch(() => undefined);
    const receive = (report: Report): void => {
      if (report.kind === 'ready') begin();
      else if (report.kind === 'refused') fail((this.#error = received(report.error)));
      else if (report.kind === 'answer') this.#settle(report);
      else if (report.kind === 'ended') this.#last = report;
      else hear(report);
    };
    port.on('message', receive);
    // The thread is what may keep the process alive.
    port.unref();
    thread.on('error', (error: unknown) => {
      this.#why ??= error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    });
    this.over = new Promise((resolve) => {
      thread.on('exit', (code) => {
        for (const report of leftIn(port)) receive(report);
        const end = this.#endOf(code);
        fail(end.error ?? new TaplineError('LANE_LOST', `Cannot open lane ${order.lane}: ${end.why}`));
        resolve(end);
      });
    });
  }

  /** Asks for something. Rejects with what the worker threw, or with `NoAnswer` when it ends before it answers. */
  ask<Verb extends LaneVerb>(verb: Verb, ...parameters: Parameters<LaneVerbs[Verb]>): Promise<Answer<Verb>> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) {
        reject(new NoAnswer());
        return;
      }
      const question: Question = { id: this.#asked++, verb, parameters };
      try {
        this.#port.postMessage(question);
      } catch (cause) {
        reject(new TypeError(`Cannot ask a lane to ${verb}: ${String(cause)}`, { cause }));
        return;
      }
      this.#pending.set(question.id, { resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** How much of its time it was busy, 0 to 1. */
  get load(): number {
    return this.#isOver ? 0 : this.#thread.performance.eventLoopUtilization().utilization;
  }

  /** Ends it at once. What may wake it must be silent by then. */
  terminate(why: string): void {
    this.#why ??= why;
    void this.#thread.terminate();
  }

  /** Whether it keeps the process alive. */
  set isNeeded(isNeeded: boolean) {
    if (isNeeded) this.#thread.ref();
    else this.#thread.unref();
  }

  #settle({ id, value, error }: Extract<Report, { readonly kind: 'answer' }>): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(value);
    else pending?.reject(received(error));
  }

  #endOf(code: number): WorkerEnd {
    this.#isOver = true;
    for (const { reject } of this.#pending.values()) reject(new NoAnswer());
    this.#pending.clear();
    const error = this.#last?.error === undefined ? this.#error : received(this.#last.error);
    const why = error?.message ?? this.#why ?? `it ended by process.exit(${code})`;
    return { summary: this.#last?.summary, error, why };
  }
}

/** The thread, and our end of the port by which it is asked and reports. */
function startThread(order: LaneOrder): { readonly thread: Worker; readonly port: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  const workerData: LaneData = { ...order, port: port2 };
  try {
    const thread = new Worker(new URL('./worker.js', import.meta.url), {
      workerData,
      transferList: [port2],
      name: `tapline lane ${order.lane}`,
    });
    return { thread, port: port1 };
  } catch (error) {
    port1.close();
    throw error;
  }
}

/** What the thread had said before it ended, and nobody has heard yet. Closes the port. */
function leftIn(port: MessagePort): Report[] {
  const reports: Report[] = [];
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    reports.push((next as { readonly message: Report }).message);
  }
  port.close();
  return reports;
}
