import { LINK_ETHERNET } from '../../../assembly/layout.ts';
import { openCapture } from '../../../src/capture/reader.ts';
import type { ByteSink } from '../../../src/capture/sink.ts';
import { type ByteSource, NOT_YET } from '../../../src/capture/source.ts';
import { createCapture } from '../../../src/capture/writer.ts';
import { CaptureEngine } from '../../../src/engine/capture.ts';
import type { EnginePort, SlotSource } from '../../../src/engine/engine.ts';
import type { EngineFixture } from '../../../src/testing/index.ts';
import { pcapHeader, pcapRecord } from './build.ts';

/** A pipe that carries a capture into an engine: bytes that are pushed are read some time. */
class PushedSource implements ByteSource {
  #bytes = Buffer.from(pcapHeader());
  #callback: (() => void) | undefined;

  push(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#callback !== undefined) setImmediate(this.#callback);
    this.#callback = undefined;
  }

  read(target: Uint8Array, offset: number, length: number): number {
    if (this.#bytes.length === 0) return NOT_YET;
    const part = this.#bytes.subarray(0, length);
    target.set(part, offset);
    this.#bytes = this.#bytes.subarray(part.length);
    return part.length;
  }

  awaitData(callback: () => void): void {
    if (this.#bytes.length > 0) setImmediate(callback);
    else this.#callback = callback;
  }

  progress(): undefined {
    return undefined;
  }

  close(): void {
    this.#callback = undefined;
  }
}

/** A pipe that carries a capture out of an engine: packets can be taken out of what was written. */
class TakenSink implements ByteSink {
  #bytes = Buffer.alloc(0);

  write(chunk: Uint8Array, done: (failure: undefined, writtenBytes: number) => void): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    setImmediate(done, undefined, chunk.length);
  }

  /** Packets of a pcap file that were written since the last call. */
  take(): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const isHeader = this.#bytes.length >= 24 && [0xa1b2c3d4, 0xa1b23c4d].includes(this.#bytes.readUInt32LE(0));
    let at = isHeader ? 24 : 0;
    while (this.#bytes.length - at >= 16) {
      const end = at + 16 + this.#bytes.readUInt32LE(at + 8);
      packets.push(Uint8Array.from(this.#bytes.subarray(at + 16, end)));
      at = end;
    }
    this.#bytes = this.#bytes.subarray(at);
    return packets;
  }

  takeBack(): void {
    throw new Error('Nothing fails here');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Two ports, each of which reads one capture and writes another. */
export async function openCaptures(slots: SlotSource, ports: readonly EnginePort[]): Promise<EngineFixture> {
  const interfaces = [{ name: 'a', linkType: 1 }];
  const sides = await Promise.all(
    ports.map(async (port) => {
      const [source, sink] = [new PushedSource(), new TakenSink()];
      const reader = await openCapture(source);
      const writer = createCapture(sink, { format: 'pcap', interfaces, flushAfterMs: 0 });
      return { port, source, sink, reader, writer };
    }),
  );
  return {
    engine: new CaptureEngine(
      slots,
      sides.map(({ port, reader, writer }) => ({ ...port, link: LINK_ETHERNET, reader, writer })),
    ),
    inject(number, frame) {
      sides[number]?.source.push(pcapRecord(frame));
      return true;
    },
    collect: (number) => sides[number]?.sink.take() ?? [],
    lose() {
      throw new Error('A capture is never lost');
    },
    async close() {
      for (const { reader, writer } of sides) {
        reader.close();
        await writer.close();
      }
    },
  };
}
