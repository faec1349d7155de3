import * as L from '../../assembly/layout.ts';
import type { CaptureWriter } from '../capture/captureWriter.ts';
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from '../capture/linkType.ts';
import { createCapture } from '../capture/writer.ts';
import type { Arena } from '../core/arena.ts';

/** Packets in one capture: who traps more often needs no more examples. */
const PACKET_LIMIT = 1000;

/** Packets that a filter trapped for, in a capture file: what a test needs to see the trap again. */
export class TrapCapture {
  readonly #path: string;
  readonly #arena: Arena;
  readonly #log: (message: string) => void;
  #writer: CaptureWriter | undefined;
  #isStopped = false;
  #packets = 0;

  /** Opens no file before a packet is kept. */
  constructor(path: string, arena: Arena, log: (message: string) => void) {
    this.#path = path;
    this.#arena = arena;
    this.#log = log;
  }

  /** Keeps packet `index` of the batch, as it is now. */
  keep(index: number, comment: string): void {
    if (this.#isStopped || this.#packets >= PACKET_LIMIT) return;
    const writer = this.#open();
    if (writer === undefined) return;
    this.#packets++;
    const { view } = this.#arena;
    const descriptor = L.DESCRIPTORS_OFFSET + index * L.DESCRIPTOR_BYTES;
    const port = L.PORTS_OFFSET + view.getUint16(descriptor + L.DESCRIPTOR_IN_PORT, true) * L.PORT_BYTES;
    const isEthernet = view.getUint8(port + L.PORT_LINK) === L.LINK_ETHERNET;
    writer.writeFrom(
      this.#arena,
      view.getUint32(descriptor + L.DESCRIPTOR_FRAME, true),
      view.getUint32(descriptor + L.DESCRIPTOR_LENGTH, true),
      {
        interface: isEthernet ? 0 : 1,
        timeNs: view.getBigUint64(descriptor + L.DESCRIPTOR_TIME, true),
        wireLength: view.getUint32(descriptor + L.DESCRIPTOR_WIRE_LENGTH, true),
        comment,
      },
    );
  }

  /** Writes out what is still in memory, behind the caller's back. */
  close(): void {
    this.#isStopped = true;
    this.#writer?.close().catch(this.#fail);
    this.#writer = undefined;
  }

  #open(): CaptureWriter | undefined {
    try {
      this.#writer ??= createCapture(this.#path, {
        interfaces: [
          { name: 'ethernet', linkType: LINKTYPE_ETHERNET },
          { name: 'ip', linkType: LINKTYPE_RAW },
        ],
        format: 'pcapng',
        onStop: this.#fail,
      });
    } catch (error) {
      this.#fail(error);
    }
    return this.#writer;
  }

  /** A capture that fails is no reason to hold up packets. */
  readonly #fail = (error: unknown): void => {
    this.#isStopped = true;
    this.#log(`packets that it traps for are not kept: ${error instanceof Error ? error.message : String(error)}`);
  };
}
