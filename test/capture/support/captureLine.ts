import { COPY_PORT, LINK_ETHERNET, LINK_IP, NO_PORT } from '../../../assembly/layout.ts';
import { Arena } from '../../../src/core/arena.ts';
import { CaptureEngine, type CapturePort } from '../../../src/engine/capture.ts';
import {
  IN_PORT_WORD,
  STAMP_WORDS,
  TIME_HIGH_WORD,
  TIME_LOW_WORD,
  WIRE_LENGTH_WORD,
} from '../../../src/engine/captureStamps.ts';
import {
  ERRNO_WORD,
  LENGTH_WORD,
  OFFSET_WORD,
  PORT_WORD,
  RECORD_WORDS,
  SLOT_WORD,
} from '../../../src/engine/records.ts';

/** What came in with one record. */
export interface Arrived {
  readonly port: number;
  readonly flags: number;
  readonly slot: number;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly timeNs: bigint;
  readonly wireLength: number;
}

/** What a test says of a port; the line gives it a number and a pool. */
export type PortPlan = Omit<CapturePort, 'number' | 'name' | 'link'> & { readonly link?: 'ethernet' | 'ip' };

/** The line's side of an engine of captures, without filters: turns it, and looks at what comes. */
export class CaptureLine {
  readonly arena: Arena;
  readonly engine: CaptureEngine;
  readyCount = 0;
  /** Errnos of all completions so far. */
  readonly errnos: number[] = [];
  #unsent = 0;

  constructor(plans: readonly PortPlan[], { slots = 64, frameBytes = 1538 } = {}) {
    const ports = plans.map((plan, number): CapturePort => {
      const link = plan.link === 'ip' ? LINK_IP : LINK_ETHERNET;
      return { ...plan, number, name: `port${number}`, link };
    });
    this.arena = new Arena(
      ports.map(({ number, link }) => ({ port: number, link, headerBytes: 0, frameBytes, slots, offloads: 0 })),
    );
    this.engine = new CaptureEngine(this.arena, ports);
    this.engine.start({ ready: () => this.readyCount++ });
  }

  /** One turn, with what was sent before. */
  turn(limit = 256): Arrived[] {
    const outCount = this.#unsent;
    this.#unsent = 0;
    const count = this.engine.turn(outCount, limit);
    this.takeDone();
    return Array.from({ length: count }, (_, i) => this.#arrived(i));
  }

  /** Turns whenever the engine is ready, until the port has nothing more to read, or so many packets have come. */
  async read(port = 0, wanted = Infinity): Promise<Arrived[]> {
    const all: Arrived[] = [];
    let told = 0;
    while (this.engine.portState(port) !== 'finished' && all.length < wanted) {
      while (told === this.readyCount) await new Promise(setImmediate);
      told = this.readyCount;
      for (const arrived of this.turn()) {
        all.push(arrived);
        this.arena.release(arrived.slot);
      }
    }
    return all;
  }

  /** Hands a packet out with the next turn. */
  send(port: number, arrived: Arrived, inPort: number = NO_PORT): void {
    const word = this.#unsent * RECORD_WORDS;
    const { outbound, outboundStamps } = this.engine;
    outbound[word + SLOT_WORD] = arrived.slot;
    outbound[word + PORT_WORD] = port;
    outbound[word + LENGTH_WORD] = arrived.data.length;
    outbound[word + OFFSET_WORD] = arrived.offset;
    const stamp = this.#unsent++ * STAMP_WORDS;
    outboundStamps[stamp + TIME_LOW_WORD] = Number(arrived.timeNs & 0xffff_ffffn);
    outboundStamps[stamp + TIME_HIGH_WORD] = Number(arrived.timeNs >> 32n);
    outboundStamps[stamp + WIRE_LENGTH_WORD] = arrived.wireLength;
    outboundStamps[stamp + IN_PORT_WORD] = inPort;
  }

  /** A packet in a slot of the pool of copies, as a line makes one. */
  make(data: Uint8Array, timeNs: bigint, wireLength = data.length): Arrived {
    const slot = this.arena.takeForCopy();
    if (slot < 0) throw new Error('There is no slot for a copy');
    const offset = 140;
    this.arena.bytes.set(data, this.arena.address(slot) + offset);
    return { port: COPY_PORT, flags: 0, slot, offset, data, timeNs, wireLength };
  }

  /** Takes in completions, and gives their slots back. */
  takeDone(): void {
    const { done, doneCount } = this.engine;
    for (let word = 0; word < doneCount * RECORD_WORDS; word += RECORD_WORDS) {
      this.errnos.push(done[word + ERRNO_WORD] ?? -1);
      this.arena.release(done[word + SLOT_WORD] ?? 0);
    }
  }

  #arrived(index: number): Arrived {
    const { inbound, inboundStamps } = this.engine;
    const [slot = 0, flags = 0, length = 0, offset = 0] = inbound.subarray(
      index * RECORD_WORDS,
      (index + 1) * RECORD_WORDS,
    );
    const stamp = index * STAMP_WORDS;
    const high = BigInt(inboundStamps[stamp + TIME_HIGH_WORD] ?? 0);
    const start = this.arena.address(slot) + offset;
    return {
      port: flags & 0xff,
      flags: flags & ~0xff,
      slot,
      offset,
      data: this.arena.bytes.slice(start, start + length),
      timeNs: (high << 32n) | BigInt(inboundStamps[stamp + TIME_LOW_WORD] ?? 0),
      wireLength: inboundStamps[stamp + WIRE_LENGTH_WORD] ?? 0,
    };
  }
}
