import type { Packet } from '../core/packet.ts';
import type { Prefix } from '../core/prefix.ts';
import type { Verdict } from '../core/verdict.ts';

/**
 * What a filter says of itself. The same declaration serves TypeScript filters (with `filter` beside it) and compiled
 * ones (as their manifest), so every value in it can be laid out in memory.
 */
export interface Manifest<
  Schema extends ConfigSchema = ConfigSchema,
  Counter extends string = string,
  Reason extends string = string,
> {
  /** Shown in summaries; 1 to 64 characters. A second filter of the same name becomes `name#2`. */
  readonly name: string;
  /** What can be set, by name. Default: nothing. */
  readonly config?: Schema;
  /** Numbers that the filter counts, 64 at most. Default none. */
  readonly counters?: readonly Counter[];
  /** Why it drops, 64 at most; each becomes a counter of the line. Default none. */
  readonly reasons?: readonly Reason[];
  /** What a packet gets for which the filter fails. Default `'drop'`: what cannot be judged does not pass. */
  readonly onError?: 'drop' | 'pass';
  /** What a packet gets of which the filter reads a field that it does not have, and that it would let go on. Default `'continue'`. */
  readonly onShort?: 'drop' | 'continue';
  /**
   * How the filter sees super-packets. `'whole'`, the default: as one packet of up to 64 KiB, with `gsoSize` and
   * `segmentCount`. `'segments'`: the line cuts them before, so that this filter and those behind it judge each segment;
   * their rate is that of small packets.
   */
  readonly superPackets?: 'whole' | 'segments';
}

/** One value that can be set. Without a default it must be given. */
export type ConfigField =
  | {
      readonly type: 'u8' | 'u16' | 'u32' | 'i32' | 'f64';
      readonly default?: number;
      readonly min?: number;
      readonly max?: number;
      readonly description?: string;
    }
  | { readonly type: 'boolean'; readonly default?: boolean; readonly description?: string }
  /** An IPv4 or IPv6 prefix, `10.0.0.0/8`. */
  | { readonly type: 'prefix'; readonly default?: string; readonly description?: string }
  /** A port of the line, by name; the filter sees its number. */
  | { readonly type: 'port'; readonly default?: string; readonly description?: string };

export type ConfigSchema = Readonly<Record<string, ConfigField>>;

interface InputOf {
  u8: number;
  u16: number;
  u32: number;
  i32: number;
  f64: number;
  boolean: boolean;
  prefix: string;
  port: string;
}
interface ValueOf extends Omit<InputOf, 'prefix' | 'port'> {
  prefix: Prefix;
  port: number;
}
type NamesWithDefault<Schema extends ConfigSchema> = {
  [Name in keyof Schema]: Schema[Name] extends { readonly default: unknown } ? Name : never;
}[keyof Schema];

/** What the user of a filter writes: fields with a default may be left out. Nothing, where nothing can be set. */
export type ConfigInput<Schema extends ConfigSchema> = [keyof Schema] extends [never]
  ? Readonly<Record<string, never>>
  : {
      readonly [Name in Exclude<keyof Schema, NamesWithDefault<Schema>>]: InputOf[Schema[Name]['type']];
    } & { readonly [Name in NamesWithDefault<Schema>]?: InputOf[Schema[Name]['type']] };

/** What the filter reads: every field, checked. */
export type ConfigValues<Schema extends ConfigSchema> = {
  readonly [Name in keyof Schema]: ValueOf[Schema[Name]['type']];
};

/** What a filter is handed beside the packet; the same object for every packet. */
export interface FilterContext<Schema extends ConfigSchema = ConfigSchema, Counter extends string = string> {
  /** Replaced as a whole, between two batches, when the configuration changes. */
  readonly config: ConfigValues<Schema>;
  /** The declared counters: `context.counters.seen++`. */
  readonly counters: Record<Counter, number>;
  /** Time of the batch in nanoseconds since the line started; never goes back. */
  readonly now: number;
}

/** A filter written in TypeScript. */
export interface FilterDeclaration<
  Schema extends ConfigSchema = ConfigSchema,
  Counter extends string = string,
  Reason extends string = string,
> extends Manifest<Schema, Counter, Reason> {
  /**
   * Judges one packet. The view is the same object for every packet and only valid inside the call; `packet.copy()` keeps
   * one. Must not be async.
   *
   * @returns what `packet.drop()` and its like return; nothing means what was decided by them, or else continue
   */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a filter without a return statement returns void
  filter(packet: Packet<Reason>, context: FilterContext<Schema, Counter>): Verdict | undefined | void;
}
