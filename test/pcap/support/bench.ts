import * as L from '../../../assembly/layout.ts';
import { type Programs, judgeModule } from '../../../src/pcap/wasm/batch.ts';
import type { TestPacket } from './oracle.ts';

const PAGE_BYTES = 65_536;

/** A filter bound to the memory of a bench. */
export type Judge = (count: number) => void;

/** A memory with packets in it, laid out as an arena: compiled filters are run on them batch by batch, as a line does. */
export class PacketBench {
  readonly memory: WebAssembly.Memory;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #packets: readonly TestPacket[];
  readonly #addresses: readonly number[];

  constructor(packets: readonly TestPacket[], link: 'ethernet' | 'ip' = 'ethernet') {
    const addresses: number[] = [];
    let address = L.SLOTS_OFFSET;
    for (const { bytes } of packets) {
      addresses.push(address);
      address += bytes.length;
    }
    const pages = Math.ceil(address / PAGE_BYTES) + 1;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#view = new DataView(this.memory.buffer);
    this.#packets = packets;
    this.#addresses = addresses;
    packets.forEach(({ bytes }, i) => {
      this.#bytes.set(bytes, addresses[i]);
    });
    this.#view.setUint8(L.PORTS_OFFSET + L.PORT_LINK, link === 'ethernet' ? L.LINK_ETHERNET : L.LINK_IP);
    for (let i = 0; i < L.BATCH_COUNT; i++) this.#view.setUint16(L.ACTIVE_OFFSET + i * L.INDEX_BYTES, i, true);
  }

  /** A filter that drops what does not match, cut into functions of about so many instructions. */
  load(programs: Programs, partSize?: number): Judge {
    const drop = { verdict: L.VERDICT_DROP, reason: 1 };
    const module = judgeModule(programs, { verdict: L.VERDICT_CONTINUE }, drop, partSize);
    return this.instantiate(module);
  }

  instantiate(module: Uint8Array): Judge {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module as Uint8Array<ArrayBuffer>), {
      env: { memory: this.memory },
    });
    return exports['judge'] as Judge;
  }

  /**
   * Runs filters on all packets, at each truncation.
   *
   * @returns for each filter bits as the oracle gives them
   */
  run(judges: readonly Judge[], truncations: readonly number[]): Uint8Array[] {
    const rowBytes = Math.ceil(this.#packets.length / 8);
    const results = judges.map(() => new Uint8Array(rowBytes * truncations.length));
    truncations.forEach((limit, row) => {
      for (let first = 0; first < this.#packets.length; first += L.BATCH_COUNT) {
        const count = Math.min(L.BATCH_COUNT, this.#packets.length - first);
        this.#describe(first, count, limit);
        judges.forEach((judge, i) => {
          this.#bytes.fill(0, L.OUTCOMES_OFFSET, L.OUTCOMES_OFFSET + count * L.OUTCOME_BYTES);
          judge(count);
          this.#collect(results[i] ?? new Uint8Array(), row * rowBytes, first, count);
        });
      }
    });
    return results;
  }

  #describe(first: number, count: number, limit: number): void {
    for (let i = 0; i < count; i++) {
      const packet = this.#packets[first + i];
      const at = L.DESCRIPTORS_OFFSET + i * L.DESCRIPTOR_BYTES;
      this.#view.setUint32(at + L.DESCRIPTOR_FRAME, this.#addresses[first + i] ?? 0, true);
      this.#view.setUint32(at + L.DESCRIPTOR_LENGTH, Math.min(limit, packet?.bytes.length ?? 0), true);
      this.#view.setUint32(at + L.DESCRIPTOR_WIRE_LENGTH, packet?.wireLength ?? 0, true);
    }
  }

  #collect(bits: Uint8Array, rowStart: number, first: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const verdict = this.#bytes[L.OUTCOMES_OFFSET + i * L.OUTCOME_BYTES + L.OUTCOME_VERDICT];
      const place = rowStart + ((first + i) >> 3);
      if (verdict === L.VERDICT_CONTINUE) bits[place] = (bits[place] ?? 0) | (1 << ((first + i) & 7));
    }
  }
}
