import * as L from '../../../assembly/layout.ts';
import { Arena } from '../../../src/core/arena.ts';
import { Batch } from '../../../src/core/batch.ts';
import { type StageCounts, StageTable } from '../../../src/core/stageTable.ts';
import type { FilterSource, Stage } from '../../../src/filter/stage.ts';
import { plainCopies } from '../../../src/pipeline/copies.ts';

const WORDS = L.RECORD_BYTES / 4;
const POISON = 0xa5;
const PORTS = [L.LINK_ETHERNET, L.LINK_IP] as const;

export interface Arriving {
  readonly link: number;
  readonly frame: Uint8Array;
}

/** What became of a packet. */
export interface Judged {
  readonly outcome: string;
  readonly descriptor: string;
  /** Of a packet that is dropped nobody sees them. */
  readonly bytes: Uint8Array;
}

/** A filter in a line without an engine: batches of 256 are admitted, judged and settled, and looked at. */
export class Bench {
  readonly arena: Arena;
  readonly log: string[] = [];
  readonly #batch: Batch;
  readonly #table: StageTable;
  readonly #row: number;
  readonly #stage: Stage;
  #now = 0;

  constructor(source: FilterSource, { frameBytes = 65_600, slots = L.BATCH_COUNT, bindCopy = plainCopies } = {}) {
    this.arena = new Arena(PORTS.map((link, port) => ({ port, link, headerBytes: 0, frameBytes, slots, offloads: 0 })));
    this.#batch = new Batch(this.arena);
    this.#table = new StageTable(this.arena.view);
    this.#row = this.#table.take(source.manifest, source.limits);
    this.#stage = source.open({
      arena: this.arena,
      batch: this.#batch,
      stage: this.#row,
      portNumber: () => undefined,
      portName: String,
      reportFailure: (error) => this.log.push(String(error)),
      log: (message) => this.log.push(message),
      bindCopy,
    });
  }

  get counts(): StageCounts {
    return this.#table.counts(this.#row);
  }

  get counters(): Record<string, number> {
    return this.#stage.counters();
  }

  judge(packets: readonly Arriving[]): Judged[] {
    const judged: Judged[] = [];
    for (let at = 0; at < packets.length; at += L.BATCH_COUNT) {
      judged.push(...this.#judgeBatch(packets.slice(at, at + L.BATCH_COUNT)));
    }
    return judged;
  }

  close(): void {
    this.#stage.close();
  }

  #judgeBatch(packets: readonly Arriving[]): Judged[] {
    const slots = packets.map(({ link }) => this.arena.take(PORTS.indexOf(link as never)));
    const inbound = new Uint32Array(packets.length * WORDS);
    packets.forEach(({ link, frame }, i) => {
      const port = PORTS.indexOf(link as never);
      const slot = slots[i] ?? -1;
      const start = this.arena.address(slot);
      const offset = this.arena.readOffset(port);
      this.arena.bytes.fill(POISON, start, start + Math.min(this.arena.stride(slot), offset + frame.length + 512));
      this.arena.bytes.set(frame, start + offset);
      inbound.set([slot, port, frame.length, offset], i * WORDS);
    });
    this.#now += 1e6;
    const active = this.#batch.admit(inbound, packets.length);
    if (active < 0) throw new Error(`Packet ${-1 - active} does not fit a slot`);
    this.#stage.judge(active, this.#now);
    this.#batch.settle(this.#row, active);
    const judged = packets.map((_, i) => this.#look(i));
    for (const slot of slots) this.arena.release(slot);
    return judged;
  }

  #look(index: number): Judged {
    const { bytes, view } = this.arena;
    const descriptor = L.DESCRIPTORS_OFFSET + index * L.DESCRIPTOR_BYTES;
    const outcome = L.OUTCOMES_OFFSET + index * L.OUTCOME_BYTES;
    const frame = view.getUint32(descriptor + L.DESCRIPTOR_FRAME, true);
    const length = view.getUint32(descriptor + L.DESCRIPTOR_LENGTH, true);
    const isDropped = view.getUint8(outcome + L.OUTCOME_VERDICT) === L.VERDICT_DROP;
    const hex = (from: number, count: number): string => Buffer.from(bytes.slice(from, from + count)).toString('hex');
    return {
      outcome: hex(outcome, L.OUTCOME_BYTES),
      // All but the time, which is the clock's.
      descriptor:
        hex(descriptor, L.DESCRIPTOR_TIME) +
        hex(descriptor + L.DESCRIPTOR_FLOW_HASH, L.DESCRIPTOR_BYTES - L.DESCRIPTOR_FLOW_HASH),
      bytes: isDropped ? new Uint8Array() : bytes.slice(frame, frame + length),
    };
  }
}
