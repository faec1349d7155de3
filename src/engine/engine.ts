/**
 * The contract between a line and whatever moves its frames.
 *
 * An engine serves all ports that it was given. The line calls `turn` again and again; each turn hands filled slots out,
 * takes newly read ones in, and reports writes that have ended since. `src/testing/engineSuite.ts` is this page as a test
 * suite, and every engine passes it.
 *
 * **Ownership.** A slot has one owner at any time: its pool (free), the engine, or the line.
 * - The engine takes free slots from the arena to read into, and gives the unused ones back.
 * - An inbound record makes the line the owner.
 * - An outbound record makes the engine the owner when `turn` is called, until a completion with the same slot gives it
 *   back to the line. Every outbound record gets exactly one completion: in the same turn, or in a later one.
 *
 * **Records** are RECORD_BYTES each, of four 32-bit words `slot, port | flags, length, offset` (`assembly/layout.ts`). The
 * bytes between `slot + offset` and `slot + offset + length` are what the kernel reads and writes, virtio header included.
 * The three arrays belong to the engine; the line copies out of them and validates what it copies.
 *
 * **Never** blocks, allocates per packet, calls back per packet, throws because of a packet, or touches bytes of a slot
 * that it does not own.
 *
 * @module
 */

/** What an engine must know about a port. */
export interface EnginePort {
  /** Number of the port in the line: the one that records carry. */
  readonly number: number;
  /** Name for messages. */
  readonly name: string;
}

/** The slots that an engine reads into; the arena gives them. */
export interface SlotSource {
  /** Takes a free slot of a port's pool; −1 when there is none. */
  take(port: number): number;
  /** Gives a slot back to its pool. */
  release(slot: number): void;
  /**
   * Calls back once, when the next slot of a port's pool is given back. That may be in the middle of a batch: the callback
   * may take slots, and must not turn. One callback per port; a later one takes its place.
   */
  awaitSlot(port: number, callback: () => void): void;
  /** The whole arena. */
  readonly bytes: Uint8Array;
  /** Slots of all pools; their numbers begin with 0. */
  readonly slotCount: number;
  /** Offset of a slot's first byte in `bytes`. */
  address(slot: number): number;
  /** Bytes of a slot. */
  stride(slot: number): number;
  /** Bytes from the slot to where a read puts its first byte (the virtio header, where there is one). */
  readOffset(port: number): number;
  /** Bytes that a read may fill from there; a read that fills them all is flagged RECORD_FLAG_TRUNCATED. */
  readBytes(port: number): number;
}

/** Why a port stopped, or goes on. */
export type PortState =
  /** Frames flow. */
  | 'up'
  /** The interface is down: writes fail with EIO until it is up again. */
  | 'down'
  /** Nothing more will come in: a file was read to its end. Writes go on. */
  | 'finished'
  /** The interface was deleted, or the other side closed: this port never comes back. */
  | 'gone';

/** What an engine tells the line between turns, never from inside `turn`. */
export interface EngineEvents {
  /**
   * There may be something to read, a completion to report, or a port whose state changed: call `turn`. May come too
   * often, never too rarely: while a turn would find something, it comes again in each round of the event loop.
   */
  ready(): void;
}

/** Moves frames between its ports and the arena. */
export interface Engine {
  /** For `doctor`, summaries and messages. */
  readonly name: string;
  /** Records of frames that were read in the last turn. Written by the engine; valid until the next turn. */
  readonly inbound: Uint32Array;
  /** Records to be written out, BATCH_COUNT at most. Written by the line before `turn`. */
  readonly outbound: Uint32Array;
  /**
   * Completions of the last turn: the records as they were handed out, but for word 3, which is the errno of the write
   * (0: done). Written by the engine.
   */
  readonly done: Uint32Array;
  /** How many completions the last turn left in `done`. */
  readonly doneCount: number;
  /** Outbound records that have no completion yet. */
  readonly pendingCount: number;

  /**
   * Takes `outCount` outbound records, then reads at most `inLimit` frames over all ports, and from each port no more
   * than its fair share while others have frames; what idle ports leave of theirs may go to busy ones. Order within a
   * port is kept in both directions, and a port that takes no more does not hold up another.
   *
   * @param outCount records in `outbound`, 0 to BATCH_COUNT
   * @param inLimit 0 (only write) to BATCH_COUNT
   * @returns records in `inbound`
   */
  turn(outCount: number, inLimit: number): number;

  /** Starts telling `events.ready()` when a turn would find something. Called once, before the first turn. */
  start(events: EngineEvents): void;
  /** State of a port, as of the last turn. */
  portState(port: number): PortState;
  /** Reads that failed with an unexpected errno since the start, all ports together. */
  readonly readErrors: number;

  /**
   * Stops watching and gives every slot back: pending outbound records are completed with ECANCELED in `done`
   * (`doneCount` says how many) before it returns. Does not close the ports. Idempotent.
   */
  close(): void;
}
