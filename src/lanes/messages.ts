import type { MessagePort } from 'node:worker_threads';
import type { Offload } from '../device/offloads.ts';
import type { LentParts } from '../pipeline/assemble.ts';
import type { ChainRows } from '../pipeline/chain.ts';
import type { EngineChoice, Routes } from '../pipeline/declaration.ts';
import type { HandedPort } from '../pipeline/handedPort.ts';
import type { Summary } from '../pipeline/summary.ts';
import type { ItemOrder } from './items.ts';
import type { SentError } from './sentError.ts';

// What the thread that opened the line and the worker of a lane say to each other. The worker begins with an order, answers
// questions one by one, between two batches, and reports what happens by itself.

/** What a worker is told to make a line of. */
export interface LaneOrder {
  readonly lane: number;
  readonly ports: readonly HandedPort[];
  readonly routes: Routes | undefined;
  readonly engine: EngineChoice;
  readonly busyPoll: number;
  readonly filters: readonly ItemOrder[];
  readonly lent: LentParts;
  /** One number, which the worker counts up as long as its event loop turns. */
  readonly pulse: Int32Array;
  /** How often it does, in milliseconds. */
  readonly pulseMs: number;
}

/** The `workerData` of a worker. Filters that it loads find only the number of the lane there. */
export interface LaneData extends LaneOrder {
  /** By which questions come and reports go; `parentPort` is left to the filters. */
  readonly port: MessagePort;
}

/** What a lane can be asked for. */
export interface LaneVerbs {
  /** Begins to move packets, unless it has: a line that begins and a lane that gets its worker may both ask. */
  readonly run: () => void;
  readonly summary: () => Summary;
  readonly add: (item: ItemOrder, before: string | undefined) => Promise<string>;
  readonly replace: (name: string, item: ItemOrder) => Promise<string>;
  /** Takes back an exchange, unless the lane did so by itself. */
  readonly revert: (name: string) => void;
  readonly remove: (name: string) => void;
  readonly configure: (name: string, config: Readonly<Record<string, unknown>>) => void;
  readonly state: (name: string) => Readonly<Record<string, unknown>> | undefined;
  /** Goes on without a kind of super-packet on a port: another lane has seen it refused. */
  readonly stepDown: (port: number, gsoType: number) => void;
  /** Ends the line; `ended` is reported before it is answered. */
  readonly close: () => Promise<void>;
}

export type LaneVerb = keyof LaneVerbs;
export type Answer<Verb extends LaneVerb> = Awaited<ReturnType<LaneVerbs[Verb]>>;

export interface Question {
  readonly id: number;
  readonly verb: LaneVerb;
  readonly parameters: readonly unknown[];
}

/** What a worker says. */
export type Report =
  | { readonly kind: 'ready' }
  /** The line could not be made. */
  | { readonly kind: 'refused'; readonly error: SentError }
  | { readonly kind: 'answer'; readonly id: number; readonly value?: unknown; readonly error?: SentError }
  | { readonly kind: 'log'; readonly text: string }
  /** Which filter has which counters in the arena. */
  | { readonly kind: 'rows'; readonly rows: ChainRows }
  /** A filter failed soon behind its exchange, and the one before is back. */
  | { readonly kind: 'back'; readonly name: string; readonly before: string }
  | { readonly kind: 'offloads'; readonly port: number; readonly offloads: readonly Offload[] }
  /** The kernel refused a super-packet: the other lanes should not try. */
  | { readonly kind: 'steppedDown'; readonly port: number; readonly gsoType: number }
  /** The line has ended by itself or was closed; the worker ends now. */
  | { readonly kind: 'ended'; readonly summary: Summary; readonly error?: SentError };
