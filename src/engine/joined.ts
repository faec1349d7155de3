import { BATCH_COUNT, PORT_COUNT, RECORD_PORT_MASK } from '../../assembly/layout.ts';
import { TaplineError } from '../errors.ts';
import { STAMP_WORDS, type Stamped, isStamped, stampArray } from './captureStamps.ts';
import type { Engine, EngineEvents, PortState } from './engine.ts';
import { PORT_WORD, RECORD_WORDS, recordArray } from './records.ts';

/** An engine and the ports that it serves. */
export interface Share {
  readonly engine: Engine;
  readonly ports: readonly number[];
}

/** Several engines as one, for a line whose ports are of several kinds: devices beside queues, say. */
export class Joined implements Engine {
  readonly name: string;
  readonly inbound = recordArray(BATCH_COUNT);
  readonly outbound = recordArray(BATCH_COUNT);
  readonly done: Uint32Array;
  doneCount = 0;
  /** Of records that a member with stamps has read; for others they say nothing. Undefined when no member has any. */
  readonly inboundStamps: Uint32Array | undefined;
  readonly outboundStamps: Uint32Array | undefined;

  readonly #members: readonly Member[];
  readonly #memberOfPort: (Member | undefined)[] = Array<undefined>(PORT_COUNT).fill(undefined);
  readonly #portCount: number;
  #inCount = 0;
  #first = 0;

  constructor(shares: readonly Share[]) {
    this.#members = shares.map(({ engine, ports }) => ({
      engine,
      stamped: isStamped(engine) ? engine : undefined,
      portCount: ports.length,
      outCount: 0,
      isHungry: false,
    }));
    this.#portCount = shares.reduce((count, { ports }) => count + ports.length, 0);
    shares.forEach(({ ports }, i) => {
      for (const port of ports) this.#memberOfPort[port] = this.#members[i];
    });
    this.name = shares.map(({ engine }) => engine.name).join(' + ');
    if (this.#members.some(({ stamped }) => stamped !== undefined)) {
      this.inboundStamps = stampArray(BATCH_COUNT);
      this.outboundStamps = stampArray(BATCH_COUNT);
    }
    this.done = new Uint32Array(shares.reduce((words, { engine }) => words + engine.done.length, 0));
  }

  get pendingCount(): number {
    return this.#members.reduce((count, { engine }) => count + engine.pendingCount, 0);
  }

  get readErrors(): number {
    return this.#members.reduce((count, { engine }) => count + engine.readErrors, 0);
  }

  start(events: EngineEvents): void {
    for (const { engine } of this.#members) engine.start(events);
  }

  turn(outCount: number, inLimit: number): number {
    this.#distribute(outCount);
    this.doneCount = 0;
    this.#inCount = 0;
    // The first round is for all, since all have something to write or to report.
    for (const member of this.#members) member.isHungry = true;
    let hungry = this.#round(inLimit, this.#portCount);
    while (hungry > 0 && this.#inCount < inLimit) hungry = this.#round(inLimit, hungry);
    if (inLimit > 0) this.#first = (this.#first + 1) % this.#members.length;
    return this.#inCount;
  }

  portState(port: number): PortState {
    return this.#memberOfPort[port]?.engine.portState(port) ?? 'gone';
  }

  close(): void {
    this.doneCount = 0;
    for (const { engine } of this.#members) {
      engine.close();
      this.#gatherDone(engine);
    }
  }

  #distribute(outCount: number): void {
    for (const member of this.#members) member.outCount = 0;
    for (let i = 0; i < outCount; i++) {
      const port = (this.outbound[i * RECORD_WORDS + PORT_WORD] ?? 0) & RECORD_PORT_MASK;
      const member = this.#memberOfPort[port];
      if (member === undefined)
        throw new TaplineError('ENGINE_CONTRACT', `Cannot write to port ${port}: nobody serves it`);
      if (member.stamped !== undefined && this.outboundStamps !== undefined) {
        copyWords(this.outboundStamps, i, member.stamped.outboundStamps, member.outCount, 1, STAMP_WORDS);
      }
      copyWords(this.outbound, i, member.engine.outbound, member.outCount++, 1, RECORD_WORDS);
    }
  }

  /**
   * Lets every hungry member read its share, in proportion to its ports.
   *
   * @param hungryPorts ports that have a share in this round
   * @returns the ports of those that may have more
   */
  #round(inLimit: number, hungryPorts: number): number {
    const room = inLimit - this.#inCount;
    const count = this.#members.length;
    let left = 0;
    for (let i = 0; i < count; i++) {
      const member = this.#members[(this.#first + i) % count];
      if (member?.isHungry !== true) continue;
      const share = Math.ceil((room * member.portCount) / hungryPorts);
      const limit = Math.min(share, inLimit - this.#inCount);
      member.isHungry = this.#turnOf(member, limit) === limit && limit > 0;
      if (member.isHungry) left += member.portCount;
    }
    return left;
  }

  #turnOf(member: Member, limit: number): number {
    const { engine, stamped, outCount } = member;
    const count = engine.turn(outCount, limit);
    member.outCount = 0;
    copyWords(engine.inbound, 0, this.inbound, this.#inCount, count, RECORD_WORDS);
    if (stamped !== undefined && this.inboundStamps !== undefined) {
      copyWords(stamped.inboundStamps, 0, this.inboundStamps, this.#inCount, count, STAMP_WORDS);
    }
    this.#inCount += count;
    this.#gatherDone(engine);
    return count;
  }

  #gatherDone(engine: Engine): void {
    copyWords(engine.done, 0, this.done, this.doneCount, engine.doneCount, RECORD_WORDS);
    this.doneCount += engine.doneCount;
  }
}

interface Member {
  readonly engine: Engine;
  /** The same engine, where it is one of captures. */
  readonly stamped: Stamped | undefined;
  readonly portCount: number;
  /** Records for it in this turn. */
  outCount: number;
  /** It may have more to read in this turn. */
  isHungry: boolean;
}

/** Copies `count` records or stamps, of `words` words each. */
function copyWords(
  from: Uint32Array,
  fromIndex: number,
  to: Uint32Array,
  toIndex: number,
  count: number,
  words: number,
): void {
  const first = fromIndex * words;
  const target = toIndex * words;
  for (let i = 0; i < count * words; i++) to[target + i] = from[first + i] ?? 0;
}
