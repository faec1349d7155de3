import { LOSS_REASONS, type LossReason } from './loss.ts';
import type { PortSummary } from './summary.ts';

/** What the line itself counts of a port. */
export type PortCounts = Omit<PortSummary, 'kernelDropped' | 'refusedOffloads'>;

const [READ, READ_BYTES, FORWARDED, FORWARDED_BYTES, LOST, MIRRORED] = [0, 1, 2, 3, 4, 5] as const;

/**
 * Counters of one port, as numbers that are changed in place: nothing is allocated per packet. They may lie in memory that
 * another thread reads, also when the one that counts has ended.
 */
export class PortTally {
  static readonly WORDS = 8;

  readonly #words: Float64Array;

  /** @param words WORDS of them, where the counters lie and go on from. Default: their own, all 0 */
  constructor(words: Float64Array = new Float64Array(PortTally.WORDS)) {
    this.#words = words;
  }

  /** Counts a frame that came in. */
  take(bytes: number): void {
    const words = this.#words;
    words[READ] = (words[READ] ?? 0) + 1;
    words[READ_BYTES] = (words[READ_BYTES] ?? 0) + bytes;
  }

  /** Counts a frame that was written. */
  forward(bytes: number): void {
    const words = this.#words;
    words[FORWARDED] = (words[FORWARDED] ?? 0) + 1;
    words[FORWARDED_BYTES] = (words[FORWARDED_BYTES] ?? 0) + bytes;
  }

  /** Counts one that could not be written. */
  lose(): void {
    this.#words[LOST] = this.lost + 1;
  }

  /** Counts a copy that was written. */
  mirror(): void {
    this.#words[MIRRORED] = this.mirrored + 1;
  }

  get read(): number {
    return this.#words[READ] ?? 0;
  }

  get forwarded(): number {
    return this.#words[FORWARDED] ?? 0;
  }

  get lost(): number {
    return this.#words[LOST] ?? 0;
  }

  get mirrored(): number {
    return this.#words[MIRRORED] ?? 0;
  }

  counts(): PortCounts {
    const { read, forwarded, lost, mirrored } = this;
    const [readBytes, forwardedBytes] = [this.#words[READ_BYTES] ?? 0, this.#words[FORWARDED_BYTES] ?? 0];
    return { read, readBytes, forwarded, forwardedBytes, lost, mirrored };
  }
}

/** Counters of the line that belong to no port. */
export class LineTally {
  static readonly WORDS = 16;

  readonly #words: Float64Array;

  /** @param words WORDS of them, where the counters lie and go on from. Default: their own, all 0 */
  constructor(words: Float64Array = new Float64Array(LineTally.WORDS)) {
    this.#words = words;
  }

  /** Dropped packets that have left the line. Those of the batch at hand are dropped already, and held still. */
  get released(): number {
    return this.#words[0] ?? 0;
  }
  set released(count: number) {
    this.#words[0] = count;
  }
  /** Segments, but for the last one of each super-packet: that is what the super-packet itself becomes. */
  get made(): number {
    return this.#words[1] ?? 0;
  }
  set made(count: number) {
    this.#words[1] = count;
  }
  /** Copies that could not be made or sent. */
  get mirrorsLost(): number {
    return this.#words[2] ?? 0;
  }
  set mirrorsLost(count: number) {
    this.#words[2] = count;
  }

  /** Counts a packet that could not be written. */
  lose(reason: LossReason): void {
    const word = FIRST_LOSS + LOSS_REASONS.indexOf(reason);
    this.#words[word] = (this.#words[word] ?? 0) + 1;
  }

  /** Packets that could not be written, by reason. */
  get losses(): Record<LossReason, number> {
    const counts = LOSS_REASONS.map((reason, i) => [reason, this.#words[FIRST_LOSS + i] ?? 0] as const);
    return Object.fromEntries(counts) as Record<LossReason, number>;
  }
}

const FIRST_LOSS = 4;

/** The counters of a line. */
export interface Tallies {
  readonly line: LineTally;
  /** By port number. */
  readonly ports: readonly PortTally[];
}

/** Room for the counters of a line with `ports` ports, all 0, for two threads to share. */
export function tallyMemory(ports: number): SharedArrayBuffer {
  return new SharedArrayBuffer(8 * (LineTally.WORDS + ports * PortTally.WORDS));
}

/** The counters that lie in such a memory: the same ones in each thread. One thread counts; any may read. */
export function talliesIn(memory: SharedArrayBuffer): Tallies {
  const words = new Float64Array(memory);
  const ports: PortTally[] = [];
  for (let at = LineTally.WORDS; at < words.length; at += PortTally.WORDS) {
    ports.push(new PortTally(words.subarray(at, at + PortTally.WORDS)));
  }
  return { line: new LineTally(words.subarray(0, LineTally.WORDS)), ports };
}
