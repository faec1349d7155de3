import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RECORD_FLAG_TRUNCATED } from '../../assembly/layout.ts';
import { openCapture } from '../../src/capture/reader.ts';
import { type CaptureOptions, createCapture } from '../../src/capture/writer.ts';
import { engineSuite } from '../../src/testing/index.ts';
import {
  block,
  filler,
  interfaceBlock,
  join,
  packetBlock,
  pcapHeader,
  pcapRecord,
  section,
  u16,
  u32,
} from '../capture/support/build.ts';
import { openCaptures } from '../capture/support/captureFixture.ts';
import { type Arrived, CaptureLine } from '../capture/support/captureLine.ts';
import { oracle } from '../capture/support/oracle.ts';
import { MemorySink } from '../capture/support/sinks.ts';
import { generatedSource, memorySource } from '../capture/support/sources.ts';

// What a file cannot be is gone: its port is finished instead, which does not end the line.
const aboutLoss = /says that it is gone|when a port is lost/;
engineSuite(
  'CaptureEngine',
  {
    describe,
    it: (name, body) => {
      if (!aboutLoss.test(name)) it(name, body);
    },
  },
  openCaptures,
);

const interfaces = [{ name: 'lan0', linkType: 1 }];
const second = 1_000_000_000n;

function pcap(...records: Uint8Array[]): ReturnType<typeof openCapture> {
  return openCapture(memorySource(join(pcapHeader(), ...records)));
}

function bytesOf(list: readonly Arrived[]): Uint8Array[] {
  return list.map(({ data }) => data);
}

describe('CaptureEngine reads', () => {
  it('packets with the time and the length that they had', async () => {
    const reader = await pcap(
      pcapRecord(filler(60), { seconds: 1_700_000_000, fraction: 123_456 }),
      pcapRecord(filler(90), { seconds: 4_294_967_295, fraction: 999_999, original: 1514 }),
      pcapRecord(filler(0), { seconds: 0, fraction: 0 }),
      pcapRecord(filler(61), { seconds: 5, fraction: 0, original: 3 }),
    );
    const line = new CaptureLine([{ reader }]);
    const arrived = await line.read();
    expect(arrived.map(({ port, flags, data, timeNs, wireLength }) => [port, flags, data, timeNs, wireLength])).toEqual(
      [
        [0, 0, filler(60), 1_700_000_000_123_456_000n, 60],
        [0, 0, filler(90), 4_294_967_295_999_999_000n, 1514],
        [0, 0, filler(0), 0n, 0],
        [0, 0, filler(61), 5n * second, 61],
      ],
    );
    expect([line.engine.portState(0), line.engine.failure(0)]).toEqual(['finished', undefined]);
    line.engine.close();
  });

  it('and flags packets that are longer than a slot, without their end', async () => {
    const reader = await pcap(...[300, 301, 302, 70_000].map((length) => pcapRecord(filler(length))));
    const line = new CaptureLine([{ reader }], { frameBytes: 300 });
    const arrived = await line.read();
    expect(arrived.map(({ flags, data, wireLength }) => [flags, data.length, wireLength])).toEqual([
      [0, 300, 300],
      [RECORD_FLAG_TRUNCATED, 301, 301],
      [RECORD_FLAG_TRUNCATED, 301, 302],
      [RECORD_FLAG_TRUNCATED, 301, 70_000],
    ]);
    line.engine.close();
  });

  it('what comes before the damage of a file, and says why it ends there', async () => {
    const reader = await pcap(
      pcapRecord(filler(60)),
      pcapRecord(filler(60)),
      pcapRecord(filler(60), { captured: 2 ** 30 }),
    );
    const line = new CaptureLine([{ reader }]);
    expect(await line.read()).toHaveLength(2);
    expect(line.engine.portState(0)).toBe('finished');
    expect(line.engine.failure(0)).toMatchObject({ code: 'BAD_CAPTURE' });
    expect(line.turn()).toEqual([]);
    line.engine.close();
  });

  it('IP packets from behind link headers, and counts what does not belong into the line', async () => {
    const cooked = (protocol: number): Uint8Array => join(new Uint8Array(14), u16(protocol, 'big'), filler(40));
    const file = join(
      section(),
      ...[113, 101, 1, 147, 0].map((linkType) => interfaceBlock({ linkType })),
      packetBlock(cooked(0x0800), { original: 1516 }),
      packetBlock(cooked(0x0806)),
      packetBlock(filler(40), { interface: 1 }),
      packetBlock(filler(60), { interface: 2 }),
      packetBlock(filler(60), { interface: 3 }),
      packetBlock(join(u32(2), filler(40)), { interface: 4 }),
      packetBlock(join(u32(99), filler(40)), { interface: 4 }),
    );
    const line = new CaptureLine([
      { reader: await openCapture(memorySource(file)), link: 'ip' },
      { reader: await openCapture(memorySource(file)) },
    ]);
    const arrived = [...(await line.read(0)), ...(await line.read(1))];
    const from = (port: number): Arrived[] => arrived.filter((one) => one.port === port);
    expect(bytesOf(from(0))).toEqual([filler(40), filler(40), filler(40)]);
    expect(from(0).map(({ wireLength }) => wireLength)).toEqual([1500, 40, 40]);
    expect(bytesOf(from(1))).toEqual([filler(60)]);
    expect(line.engine.skipped(0)).toEqual({ linkType: 1, otherLink: 1, notIp: 2 });
    expect(line.engine.skipped(1)).toEqual({ linkType: 1, otherLink: 5, notIp: 0 });
    line.engine.close();
  });

  it('nothing while there are no slots, and goes on when one comes back', async () => {
    const reader = await pcap(...Array.from({ length: 10 }, (_, i) => pcapRecord(filler(60, i))));
    const line = new CaptureLine([{ reader }], { slots: 4 });
    const first = line.turn();
    expect(bytesOf(first)).toEqual([0, 1, 2, 3].map((i) => filler(60, i)));
    await pause(5);
    const told = line.readyCount;
    expect(line.turn()).toEqual([]);
    await pause(5);
    expect(line.readyCount).toBe(told);
    for (const { slot } of first.slice(0, 2)) line.arena.release(slot);
    await pause(5);
    expect(line.readyCount).toBe(told + 1);
    expect(bytesOf(line.turn())).toEqual([4, 5].map((i) => filler(60, i)));
    line.engine.close();
  });

  it('a file that holds no packets for long without standing still', async () => {
    const empty = block(0xbad, new Uint8Array());
    const many = join(...Array.from({ length: 1000 }, () => empty));
    let made = 0;
    const head = join(section(), interfaceBlock());
    const source = generatedSource(() =>
      made++ === 0 ? head : made < 500 ? many : made === 500 ? packetBlock(filler(60)) : null,
    );
    const line = new CaptureLine([{ reader: await openCapture(source) }]);
    let turns = 0;
    let longestMs = 0;
    const arrived: Arrived[] = [];
    while (line.engine.portState(0) !== 'finished') {
      const start = performance.now();
      arrived.push(...line.turn());
      longestMs = Math.max(longestMs, performance.now() - start);
      turns++;
      await new Promise(setImmediate);
    }
    expect(arrived).toHaveLength(1);
    expect(turns).toBeGreaterThan(100);
    expect(longestMs).toBeLessThan(500);
    line.engine.close();
  });

  it('as fast as it was captured, or a multiple', async () => {
    for (const [speed, least] of [
      [1, 200],
      [4, 50],
      [Infinity, 0],
    ] as const) {
      const times = [100_000, 100_000, 200_000, 50_000, 300_000];
      const reader = await pcap(...times.map((fraction, i) => pcapRecord(filler(60, i), { seconds: 9, fraction })));
      const line = new CaptureLine([{ reader, speed }]);
      const start = performance.now();
      expect(bytesOf(await line.read())).toEqual(times.map((_, i) => filler(60, i)));
      const lasted = performance.now() - start;
      expect(lasted).toBeGreaterThanOrEqual(least - 2);
      expect(lasted).toBeLessThan(least + 1500);
      line.engine.close();
    }
  });
});

describe('CaptureEngine writes', () => {
  function written(sink: MemorySink, options: Partial<CaptureOptions> = {}): ReturnType<typeof createCapture> {
    return createCapture(sink, { interfaces, bufferBytes: 2 ** 20, ...options });
  }

  it('packets with their time, their length and the interface by which they came', async () => {
    const sink = new MemorySink();
    const writer = written(sink, { interfaces: [...interfaces, { name: 'wan0', linkType: 1 }] });
    const line = new CaptureLine([{ writer, interfaceOf: [undefined, 0, 1] }]);
    line.send(0, line.make(filler(60), 1_700_000_000_123_456_789n), 2);
    line.send(0, line.make(filler(64), 5n * second, 1514), 1);
    line.send(0, line.make(filler(61), 6n * second));
    expect(line.turn()).toEqual([]);
    expect(line.errnos).toEqual([0, 0, 0]);
    await writer.close();
    expect(oracle(sink.bytes).packets).toEqual([
      { interface: 1, timeNs: 1_700_000_000_123_456_789n, wireLength: 60, data: filler(60) },
      { interface: 0, timeNs: 5n * second, wireLength: 1514, data: filler(64) },
      { interface: 0, timeNs: 6n * second, wireLength: 61, data: filler(61) },
    ]);
    const reader = await openCapture(memorySource(sink.bytes));
    const directions = [];
    while (reader.next()) directions.push(reader.direction);
    expect(directions).toEqual(['inbound', 'inbound', null]);
    line.engine.close();
  });

  it('to a port that has no file with an errno, and is finished where nothing is read', async () => {
    const sink = new MemorySink();
    const writer = written(sink);
    const line = new CaptureLine([{ writer }, { reader: await pcap(pcapRecord(filler(60))) }]);
    expect(['finished', 'up', 'gone']).toEqual([0, 1, 2].map((port) => line.engine.portState(port)));
    line.send(1, line.make(filler(60), 0n));
    line.turn(0);
    expect(line.errnos).toEqual([9]);
    line.engine.close();
    await writer.close();
  });

  it('what a slow sink leaves room for, and completes the rest as lost', async () => {
    const sink = new MemorySink();
    sink.isHeld = true;
    const writer = written(sink);
    const line = new CaptureLine([{ writer }]);
    for (let i = 0; i < 20; i++) {
      for (let k = 0; k < 100; k++) line.send(0, line.make(filler(1000), BigInt(i)));
      line.turn();
    }
    const lost = line.errnos.filter((errno) => errno !== 0);
    expect(new Set(lost)).toEqual(new Set([105]));
    expect([line.errnos.length, writer.notCaptured]).toEqual([2000, lost.length]);
    sink.isHeld = false;
    sink.finishWrite();
    line.engine.close();
    await writer.close();
    expect(oracle(sink.bytes).packets).toHaveLength(2000 - lost.length);
  });

  it('everything to a patient port, in order, and reads no file meanwhile', async () => {
    const count = 3000;
    const records = Array.from({ length: count }, (_, i) => pcapRecord(filler(1000, i), { seconds: i, fraction: 0 }));
    const sink = new MemorySink();
    sink.isHeld = true;
    const writer = written(sink);
    const line = new CaptureLine([{ reader: await pcap(...records) }, { writer, whenFull: 'wait' }], { slots: 512 });
    let told = 0;
    let mostPending = 0;
    while (line.errnos.length < count) {
      while (told === line.readyCount) await new Promise(setImmediate);
      told = line.readyCount;
      for (const arrived of line.turn()) line.send(1, arrived, 0);
      line.turn(0);
      mostPending = Math.max(mostPending, line.engine.pendingCount);
      // The disk goes on only when packets have begun to wait for it.
      if (line.engine.pendingCount > 0) sink.finishWrite();
    }
    expect(mostPending).toBeGreaterThan(0);
    expect(mostPending).toBeLessThanOrEqual(512);
    expect(new Set(line.errnos)).toEqual(new Set([0]));
    sink.isHeld = false;
    sink.finishWrite();
    await writer.close();
    const { packets } = oracle(sink.bytes);
    expect(packets.map(({ timeNs }) => timeNs / second)).toEqual(Array.from({ length: count }, (_, i) => BigInt(i)));
    expect(line.arena.freeCount).toBe(line.arena.slotCount);
    line.engine.close();
  });

  it('nothing more when the disk is full: the line goes on, and loses what it sends there', async () => {
    const sink = new MemorySink();
    sink.capacity = 10_000;
    const errors: unknown[] = [];
    const writer = written(sink, { onStop: (error) => errors.push(error) });
    const line = new CaptureLine([{ writer, whenFull: 'wait' }]);
    for (let i = 0; i < 20; i++) line.send(0, line.make(filler(1000), 0n));
    line.turn();
    await writer.flush();
    expect(errors).toHaveLength(1);
    for (let i = 0; i < 5; i++) line.send(0, line.make(filler(1000), 0n));
    line.turn();
    expect(line.errnos.slice(20)).toEqual([28, 28, 28, 28, 28]);
    expect([writer.written + writer.notCaptured, line.engine.portState(0)]).toEqual([25, 'finished']);
    expect(oracle(sink.bytes)).toMatchObject({ failedAt: undefined });
    line.engine.close();
    await writer.close();
  });

  it('and gives up what waits when it is closed', async () => {
    const sink = new MemorySink();
    sink.isHeld = true;
    const writer = written(sink);
    const line = new CaptureLine([{ writer, whenFull: 'wait' }]);
    while (line.engine.pendingCount < 50) {
      line.send(0, line.make(filler(1500), 0n));
      line.turn(0);
    }
    expect(line.errnos.every((errno) => errno === 0)).toBe(true);
    const before = line.errnos.length;
    line.engine.close();
    line.takeDone();
    expect(line.errnos.slice(before)).toEqual(Array(50).fill(125));
    expect(line.arena.freeCount).toBe(line.arena.slotCount);
    sink.isHeld = false;
    sink.finishWrite();
    await writer.close();
  });
});
