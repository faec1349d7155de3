import type { Arena } from '../core/arena.ts';
import type { Batch } from '../core/batch.ts';
import type { StageLimits } from '../core/stageTable.ts';
import type { Manifest } from './declaration.ts';
import type { Recipe } from './recipe.ts';

/**
 * What a line wants of a filter, whatever language it is written in. `FilterSource.open` makes a running `Stage` of it.
 */
export interface FilterSource {
  readonly manifest: Manifest;
  /** What it may do to frames. Default: whatever it likes, as filters in TypeScript do. */
  readonly limits?: StageLimits;
  /** How to make it again in another thread. Without one it stays in the thread where it was made. */
  readonly recipe?: Recipe | undefined;
  /** What it was configured with, where that is known: fields that were given. */
  readonly config?: Readonly<Record<string, unknown>>;
  /**
   * Called when the filter is put into a line. Throws when its configuration is wrong.
   *
   * @param handover what it may take over, where it is put in another one's place; not to be kept
   */
  open(host: StageHost, handover?: Handover): Stage;
}

/** What a line gives to a filter. */
export interface StageHost {
  readonly arena: Arena;
  readonly batch: Batch;
  /** Row of the filter in the arena's table of stages. */
  readonly stage: number;
  /** Number of a port by name; undefined when the line has no such port. */
  portNumber(name: string): number | undefined;
  /** Name of a port by number. */
  portName(number: number): string;
  /** Says, once a second at most, that the filter failed. */
  reportFailure(error: unknown): void;
  /** Says something that happens rarely. */
  log(message: string): void;
  /** Makes a function that copies bytes from one memory to another, as fast as this line can. */
  readonly bindCopy: BindCopy;
}

/**
 * What the filter before leaves to the one that takes its place. Only for the time of `open`: a stage that kept the one
 * before would keep all that were before that one as well.
 */
export interface Handover {
  /** It may hand over what it knows. */
  readonly previous: Stage;
  /**
   * Packets of the last batch whose descriptors and frames still lie in the arena, to be looked at; 0: none, or a batch is
   * being judged.
   */
  readonly recentPackets: number;
}

/** Both memories must live as long as the function that is returned. Nobody checks the ranges. */
export type BindCopy = (to: Uint8Array, from: Uint8Array) => CopyBytes;

/** Offsets in the two memories, and a number of bytes. */
export type CopyBytes = (to: number, from: number, bytes: number) => void;

/** A filter at work. */
export interface Stage {
  /**
   * Judges the packets that are listed at ACTIVE_OFFSET by writing their outcomes. Does not throw: a packet for which the
   * filter fails gets VERDICT_ABORT, and the others are judged all the same.
   *
   * @param count packets, 1 to BATCH_COUNT
   * @param now nanoseconds since the line started
   */
  judge(count: number, now: number): void;
  /** Replaces the configuration; called between two batches. Throws, and changes nothing, when it is wrong. */
  configure(config: Readonly<Record<string, unknown>>): void;
  /** Current values of the declared counters. */
  counters(): Record<string, number>;
  /** What it keeps between batches, by name; undefined or missing where it shows nothing. */
  state?(): Readonly<Record<string, unknown>> | undefined;
  close(): void;
}

/** What lets a filter see only some packets: put before it in the chain, `{ when, filter }`. */
export interface GuardSource {
  /** How to make it again in another thread. Without one it stays in the thread where it was made. */
  readonly recipe?: Recipe | undefined;
  /** Called when its filter is put into a line. Throws when it cannot judge what the line carries. */
  open(host: StageHost): Guard;
}

/** A guard at work. */
export interface Guard {
  /**
   * Splits the packets that are listed at ACTIVE_OFFSET, without throwing: those that the filter is to see stay there, the
   * others go to SKIPPED_OFFSET, both in their order.
   *
   * @param count packets, 1 to BATCH_COUNT
   * @returns how many stay
   */
  split(count: number): number;
}
