import { VIRTIO_GSO_TYPE } from '../../assembly/fields.ts';
import { BATCH_COUNT, VNET_GSO_NONE } from '../../assembly/layout.ts';
import type { Arena } from '../core/arena.ts';
import type { Batch } from '../core/batch.ts';
import { Portions } from '../core/portions.ts';
import type { Engine } from '../engine/engine.ts';
import {
  ERRNO_WORD,
  LENGTH_WORD,
  OFFSET_WORD,
  PORT_WORD,
  RECORD_WORDS,
  SLOT_WORD,
  isCopy,
  portOf,
} from '../engine/records.ts';
import { TaplineError } from '../errors.ts';
import { isStamped } from '../engine/captureStamps.ts';
import { errnos } from '../sys/errno.ts';
import type { Chain } from './chain.ts';
import { lossReason } from './loss.ts';
import { Mirrors } from './mirrors.ts';
import { Pacing } from './pacing.ts';
import type { Recorder } from './recorder.ts';
import { Stamper } from './stamper.ts';
import { LineTally, PortTally, type Tallies } from './tally.ts';

/** What the breath must know of a port. */
export interface BreathPort {
  readonly number: number;
  /** Bytes of virtio header before each frame: they do not count as bytes of the frame. */
  readonly headerBytes: number;
  /** Whether a capture file is read there, whose packets have times and lengths of their own. */
  readonly isFile?: boolean;
  /** Beyond how many bytes a packet of that file was a super-packet; undefined: none was. */
  readonly fileMtu?: number | undefined;
}

/** What only some lines have. */
export interface BreathParts {
  /** Captures everything that comes in. */
  readonly recorder?: Recorder | undefined;
  /** Whether all that comes in is from files: then their time is the time. Default false. */
  readonly isReplay?: boolean;
  /** Hears that the kernel refused, with EINVAL, a super-packet for a port. */
  readonly onRefused?: (port: number, gsoType: number) => void;
  /** Where to count, one for each port. Default: counters of its own. */
  readonly tallies?: Tallies;
}

/** Packets that one call moves before it lets timers and signals have their turn, in batches of whatever size. */
const PACKETS_PER_CALL = 4 * BATCH_COUNT;
/** The same in milliseconds, for slow filters and large packets; a batch is never broken off. */
const BREATH_MS = 5;
/** How long a line that ends goes on cutting super-packets that it has judged. */
const EXHALE_MS = 100;

/**
 * The breath of a line: fill, dissect, judge, flush. Each batch costs one `turn` of the engine, one call each of `admit`
 * and `route`, and per filter its own loop and one `settle`.
 */
export class Breath {
  readonly tally: LineTally;
  readonly ports: readonly PortTally[];

  readonly #arena: Arena;
  readonly #batch: Batch;
  readonly #engine: Engine;
  readonly #chain: Chain;
  readonly #headerBytes: readonly number[];
  readonly #stamper: Stamper | undefined;
  readonly #recorder: Recorder | undefined;
  /** Whether all that comes in is from files: then their time is the time. */
  readonly #isReplay: boolean;
  readonly #startMs = performance.now();
  /** Records that are in `engine.outbound` and wait for the next turn. */
  #unsent = 0;
  /** Packets that the line holds: admitted, and neither dropped nor completed. */
  #held = 0;
  #isEnding = false;
  readonly #portions: Portions;
  /** Whether the last thing was a portion. */
  #isCutting = false;
  readonly #pacing = new Pacing();
  readonly #mirrors: Mirrors;
  /** By slot: where in it the record begins that was handed out. A completion does not say. */
  readonly #offsets: Uint32Array;
  readonly #onRefused: (port: number, gsoType: number) => void;

  constructor(
    arena: Arena,
    batch: Batch,
    engine: Engine,
    chain: Chain,
    ports: readonly BreathPort[],
    { recorder, isReplay = false, onRefused = () => undefined, tallies }: BreathParts = {},
  ) {
    this.#arena = arena;
    this.#batch = batch;
    this.#engine = engine;
    this.#chain = chain;
    this.tally = tallies?.line ?? new LineTally();
    this.ports = tallies?.ports ?? ports.map(() => new PortTally());
    this.#headerBytes = ports.map(({ headerBytes }) => headerBytes);
    const isFile = ports.map((port) => port.isFile === true);
    const mtus = ports.some(({ fileMtu }) => fileMtu !== undefined) ? ports.map(({ fileMtu }) => fileMtu) : [];
    this.#stamper = isStamped(engine) ? new Stamper(engine, batch, isFile, mtus) : undefined;
    this.#recorder = recorder;
    this.#isReplay = isReplay;
    this.#offsets = new Uint32Array(arena.slotCount);
    this.#onRefused = onRefused;
    this.#portions = new Portions(arena);
    this.#mirrors = new Mirrors(arena, batch, this.tally, this.#stamper, () => {
      this.#sendCopies();
    });
  }

  /** Packets in the line just now, dropped ones of the batch at hand included. */
  get held(): number {
    return this.#held;
  }

  /** Packets that have left the line, whatever became of them. */
  get settled(): number {
    let came = this.tally.made;
    for (const { read } of this.ports) came += read;
    return came - this.#held;
  }

  /**
   * Moves batches until nothing comes in, or enough were moved for one round of the event loop.
   *
   * @param again called when the line may go on that had to wait for its recorder
   * @returns whether to be called again soon, because packets wait to be written
   */
  breathe(again: () => void): boolean {
    let now = performance.now();
    const deadline = now + BREATH_MS;
    for (let moved = 0; moved < PACKETS_PER_CALL && now <= deadline && !this.#isEnding; now = performance.now()) {
      if (this.#mustWait(now)) break;
      const count = this.#portions.isPending ? this.#breathePortion() : this.#breatheBatch(again);
      if (count === 0) return false;
      moved += count;
    }
    return this.#unsent > 0 || this.#portions.isPending;
  }

  /** Nothing that came in is on its way any more. */
  get isIdle(): boolean {
    return this.#unsent === 0 && this.#held === 0 && this.#engine.pendingCount === 0;
  }

  /** Takes no further batch: the line ends. */
  endAfterBatch(): void {
    this.#isEnding = true;
  }

  /** Writes out what was judged, and takes nothing in. Afterwards the engine may be closed. */
  exhale(): void {
    const deadline = performance.now() + EXHALE_MS;
    while (this.#portions.isPending) this.#breathePortion(performance.now() > deadline);
    this.#turn(0);
  }

  /** Takes in the completions that closing the engine left. */
  afterClose(): void {
    this.#takeCompletions();
    this.#portions.close();
  }

  /** Whether what waits to be written has to wait longer, because readers have not made room for it. */
  #mustWait(nowMs: number): boolean {
    if (!this.#isCutting || this.#unsent === 0) return false;
    this.#engine.turn(0, 0);
    this.#takeCompletions();
    return this.#pacing.waits(this.#engine.pendingCount, nowMs);
  }

  /** One batch. It may leave portions behind. Returns how many packets came in. */
  #breatheBatch(again: () => void): number {
    const mustWait = this.#recorder?.mustWait(again) === true;
    if (mustWait && this.#unsent === 0) return 0;
    const inCount = this.#turn(mustWait ? 0 : BATCH_COUNT);
    this.#isCutting = false;
    if (inCount === 0) return 0;
    const clock = performance.now();
    this.#admit(inCount, clock);
    const now = this.#now(inCount, clock);
    const active = this.#chain.judge(this.#active, now, this.#copyMirrored);
    if (this.#chain.wantsSegments && this.#batch.supers(active) > 0) {
      this.#portions.begin('forFilters', 0, inCount);
      return inCount;
    }
    this.#chain.judgeSegments(active, now, this.#copyMirrored);
    this.#flush(inCount);
    return inCount;
  }

  /**
   * The next portion of a batch in which super-packets are cut. What was judged before it is written out first. Returns how
   * many packets it is, 1 at least: a portion that has none is no sign that nothing comes.
   */
  #breathePortion(isClosed = false): number {
    this.#turn(0);
    this.#isCutting = true;
    const count = isClosed ? this.#portions.abandon() : this.#portions.next();
    const { active, made, kind } = this.#portions;
    this.#held += made;
    this.tally.made += made;
    if (kind === 'forFilters') {
      this.#chain.judgeSegments(active, this.#now(count, performance.now()), this.#copyMirrored);
    }
    this.#flush(count);
    return Math.max(1, count);
  }

  // ── Fill ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Packets of the batch that filters may see. */
  #active = 0;

  #turn(inLimit: number): number {
    const outCount = this.#unsent;
    this.#unsent = 0;
    this.#noteOffsets(outCount);
    const inCount = this.#engine.turn(outCount, inLimit);
    this.#takeCompletions();
    return inCount;
  }

  #noteOffsets(outCount: number): void {
    const { outbound } = this.#engine;
    for (let word = 0; word < outCount * RECORD_WORDS; word += RECORD_WORDS) {
      this.#offsets[outbound[word + SLOT_WORD] ?? 0] = outbound[word + OFFSET_WORD] ?? 0;
    }
  }

  /** @param clock performance.now() */
  #admit(count: number, clock: number): void {
    const { inbound } = this.#engine;
    for (let i = 0; i < count; i++) {
      const word = i * RECORD_WORDS;
      const port = portOf(inbound[word + PORT_WORD] ?? 0);
      const tally = this.ports[port];
      if (tally === undefined) throw brokenContract(`a frame from port ${port}, which the line does not have`);
      tally.take(Math.max(0, (inbound[word + LENGTH_WORD] ?? 0) - (this.#headerBytes[port] ?? 0)));
    }
    this.#held += count;
    this.#active = this.#batch.admit(inbound, count, clock);
    if (this.#active < 0)
      throw brokenContract(`inbound record ${-1 - this.#active} points outside of its port's slots`);
    this.#stamper?.takeIn(inbound, count);
    this.#recorder?.take(inbound, count);
    this.#stamper?.inferSupers(inbound, count);
  }

  // ── Judge ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Nanoseconds since the line started; in a replay, since the first packet was captured. */
  #now(count: number, clock: number): number {
    if (this.#isReplay && this.#stamper !== undefined) return this.#stamper.now(count);
    return Math.round((clock - this.#startMs) * 1e6);
  }

  /** A field, so that no function is made per batch. */
  readonly #copyMirrored = (): void => {
    this.#mirrors.takeMirrored();
  };

  // ── Flush ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Gives slots of dropped packets back, and leaves the others to the next turn. Copies go first: they are older. */
  #flush(count: number): void {
    const routed = this.#batch.route(count);
    this.#recorder?.write(routed);
    if (this.#mirrors.count > 0) this.#sendCopies();
    const { outbound } = this.#engine;
    for (let i = 0; i < routed; i++) {
      const word = this.#unsent * RECORD_WORDS;
      if (this.#batch.outbound(i, outbound, word)) {
        this.#stamper?.putOut(i, this.#unsent);
        this.#unsent++;
      } else {
        this.#arena.release(outbound[word + SLOT_WORD] ?? 0);
        this.#held--;
        this.tally.released++;
      }
    }
    if (routed < count) this.#portions.begin('forPorts', routed, count);
    if (!this.#portions.isPending) this.#chain.endBatch();
  }

  #sendCopies(): void {
    const { outbound } = this.#engine;
    const { records, count } = this.#mirrors;
    for (let word = 0; word < count * RECORD_WORDS; word++) outbound[word] = records[word] ?? 0;
    this.#mirrors.count = 0;
    this.#stamper?.putOutCopies(count);
    this.#noteOffsets(count);
    this.#engine.turn(count, 0);
    this.#takeCompletions();
  }

  /** Counts what was written, and what could not be, and gives the slots back. */
  #takeCompletions(): void {
    const { done, doneCount } = this.#engine;
    for (let i = 0; i < doneCount; i++) {
      const word = i * RECORD_WORDS;
      const flags = done[word + PORT_WORD] ?? 0;
      const port = portOf(flags);
      const tally = this.ports[port];
      if (tally === undefined) throw brokenContract(`a completion for port ${port}, which the line does not have`);
      const errno = done[word + ERRNO_WORD] ?? 0;
      if (isCopy(flags)) {
        if (errno === 0) tally.mirror();
        else this.tally.mirrorsLost++;
      } else {
        this.#held--;
        if (errno === 0) {
          tally.forward((done[word + LENGTH_WORD] ?? 0) - (this.#headerBytes[port] ?? 0));
        } else {
          tally.lose();
          this.tally.lose(lossReason(errno));
        }
      }
      const slot = done[word + SLOT_WORD] ?? 0;
      if (errno === errnos.EINVAL) this.#checkRefused(port, slot);
      this.#arena.release(slot);
    }
  }

  /** Whether what the kernel refused was a super-packet; its header was built by the core, so it was in order. */
  #checkRefused(port: number, slot: number): void {
    if (this.#headerBytes[port] === 0) return;
    const header = this.#arena.address(slot) + (this.#offsets[slot] ?? 0);
    const gsoType = this.#arena.bytes[header + VIRTIO_GSO_TYPE] ?? VNET_GSO_NONE;
    if (gsoType !== VNET_GSO_NONE) this.#onRefused(port, gsoType);
  }
}

function brokenContract(what: string): TaplineError {
  return new TaplineError('ENGINE_CONTRACT', `The engine broke its contract: ${what}`);
}
