import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { GzipSink } from '../../src/capture/gzipSink.ts';
import { createCapture } from '../../src/capture/writer.ts';
import type { TaplineError } from '../../src/errors.ts';
import { filler } from './support/build.ts';
import { oracle } from './support/oracle.ts';
import { readAll } from './support/readAll.ts';
import { MemorySink } from './support/sinks.ts';

const interfaces = [{ name: 'lan0', linkType: 1 }];

describe('a compressed capture', () => {
  it('is what the plain one is, and closed once', async () => {
    const sink = new MemorySink();
    const writer = createCapture(new GzipSink(sink), { interfaces });
    for (let i = 0; i < 5000; i++) writer.write(filler(300, i), { timeNs: BigInt(i) });
    await writer.close();
    await writer.close();
    expect(sink.isClosed).toBe(true);
    const { packets, failedAt } = oracle(gunzipSync(sink.bytes));
    expect(failedAt).toBeUndefined();
    expect(packets.map(({ data }) => data)).toEqual(Array.from({ length: 5000 }, (_, i) => filler(300, i)));
    expect(sink.bytes.length).toBeLessThan(5000 * 300);
  });

  it('can be read along: what was flushed can be unpacked', async () => {
    const sink = new MemorySink();
    const writer = createCapture(new GzipSink(sink), { interfaces });
    writer.write(filler(100), { timeNs: 1n });
    await writer.flush();
    expect((await readAll(sink.bytes)).packets.map(({ data }) => data)).toEqual([filler(100)]);
    await writer.close();
  });

  it('on a full disk is whole as far as it is counted', async () => {
    const sink = new MemorySink();
    sink.capacity = 2000;
    const errors: TaplineError[] = [];
    const writer = createCapture(new GzipSink(sink), { interfaces, onStop: (error) => errors.push(error) });
    for (let i = 0; i < 40; i++) {
      writer.write(
        Uint8Array.from({ length: 300 }, () => Math.floor(Math.random() * 256)),
        { timeNs: 1n },
      );
      await writer.flush();
    }
    await writer.close();
    expect(errors.map(({ errno }) => errno)).toEqual([28]);
    expect([writer.written > 2, writer.written + writer.notCaptured]).toEqual([true, 40]);
    expect((await readAll(sink.bytes)).packets).toHaveLength(writer.written);
    expect(sink.isClosed).toBe(true);
  });
});

describe('CaptureWriter.hasRoomFor', () => {
  it('never promises what is not there, and is true of an empty one that is large enough', async () => {
    const sink = new MemorySink();
    sink.isHeld = true;
    const writer = createCapture(sink, { interfaces, bufferBytes: 2 ** 22 });
    let written = 0;
    while (writer.hasRoomFor(10, 60_000)) {
      for (let i = 0; i < 10; i++) expect(writer.write(filler(60_000), {})).toBe(true);
      written += 10;
    }
    expect(written).toBeGreaterThan(30);
    expect(writer.hasRoomFor(1000, 60_000)).toBe(false);
    sink.isHeld = false;
    sink.finishWrite();
    await writer.flush();
    expect(writer.hasRoomFor(10, 60_000)).toBe(true);
    await writer.close();
    // There never will be any, so nobody shall wait for it.
    expect(writer.hasRoomFor(1000, 60_000)).toBe(true);
  });
});
