import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/reader.ts';
import { createCapture } from '../../src/capture/writer.ts';
import { plannedCapture } from './support/arbitraries.ts';
import { oracle } from './support/oracle.ts';
import { comparable, packetOf } from './support/readAll.ts';
import { MemorySink } from './support/sinks.ts';
import { memorySource } from './support/sources.ts';

describe('what is written', () => {
  it('is read again, whatever the format, the byte order and the resolution', async () => {
    await fc.assert(
      fc.asyncProperty(plannedCapture, async ({ options, packets }) => {
        const isPcap = options.format === 'pcap';
        const unit = options.resolution === 'nanoseconds' ? 1n : 1000n;
        const sink = new MemorySink();
        const writer = createCapture(sink, options);
        for (const { data, info } of packets) expect(writer.write(data, info)).toBe(true);
        await writer.close();
        expect([writer.written, writer.notCaptured, sink.isClosed]).toEqual([packets.length, 0, true]);

        const wanted = packets.map(({ data, info }) =>
          comparable({
            interface: isPcap ? 0 : info.interface,
            timeNs: (info.timeNs / unit) * unit,
            wireLength: info.wireLength,
            data,
          }),
        );
        const whole = oracle(sink.bytes);
        expect([whole.packets.map(comparable), whole.failedAt]).toEqual([wanted, undefined]);
        const reader = await openCapture(memorySource(sink.bytes, { chunk: 1000 }), { windowBytes: 2048 });
        for (const [i, { info }] of packets.entries()) {
          expect(await reader.advance()).toBe(true);
          expect(comparable(packetOf(reader))).toEqual(wanted[i]);
          expect(reader.direction).toBe(isPcap ? null : info.direction);
          expect(reader.comments()).toEqual(isPcap || info.comment === '' ? [] : [info.comment]);
        }
        expect(await reader.advance()).toBe(false);
        if (isPcap) return;
        expect(reader.interfaces.map(({ name, linkType }) => ({ name, linkType }))).toEqual(options.interfaces);
        const received = (id: number): number => packets.filter(({ info }) => info.interface === id).length;
        expect(reader.interfaces.map((one) => [one.received, one.dropped])).toEqual(
          options.interfaces.map((_, id) => [received(id), 0]),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('is cut to the snapLength of its interface, and keeps its length on the wire', async () => {
    for (const format of ['pcap', 'pcapng'] as const) {
      const sink = new MemorySink();
      const writer = createCapture(sink, { format, interfaces: [{ name: 'a', linkType: 1, snapLength: 50 }] });
      const memory = new Uint8Array(1000).map((_, i) => i);
      writer.write(memory.subarray(0, 49), { seconds: 1 });
      writer.write(memory.subarray(0, 60), { seconds: 1 });
      writer.writeFrom({ bytes: memory, view: new DataView(memory.buffer) }, 100, 300, {
        seconds: 1,
        wireLength: 1500,
      });
      await writer.close();
      const lengths = oracle(sink.bytes).packets.map(({ data, wireLength }) => [data[0], data.length, wireLength]);
      expect(lengths).toEqual([
        [0, 49, 49],
        [0, 50, 60],
        [100, 50, 1500],
      ]);
    }
  });

  it('may have a super-packet, and a packet of more than 262,144 bytes is cut', async () => {
    const sink = new MemorySink();
    const writer = createCapture(sink, { interfaces: [{ name: 'a', linkType: 1 }] });
    for (const length of [65_549, 262_144, 300_000]) writer.write(new Uint8Array(length), { timeNs: 1n });
    await writer.close();
    expect(oracle(sink.bytes).packets.map(({ data, wireLength }) => [data.length, wireLength])).toEqual([
      [65_549, 65_549],
      [262_144, 262_144],
      [262_144, 300_000],
    ]);
  });

  it('bears the time of now when none is given', async () => {
    const sink = new MemorySink();
    const writer = createCapture(sink, { interfaces: [{ name: 'a', linkType: 1 }] });
    writer.write(new Uint8Array(60), {});
    await writer.close();
    const ageMs = Date.now() - Number((oracle(sink.bytes).packets[0]?.timeNs ?? 0n) / 1_000_000n);
    expect(Math.abs(ageMs)).toBeLessThan(60_000);
  });

  it('has comments that are cut between two characters when they do not fit into an option', async () => {
    const sink = new MemorySink();
    const writer = createCapture(sink, { interfaces: [{ name: 'a', linkType: 1 }] });
    writer.write(new Uint8Array(60), { timeNs: 1n, comment: 'ü'.repeat(40_000) });
    writer.write(new Uint8Array(262_144), { timeNs: 1n, comment: `x${'€'.repeat(40_000)}` });
    await writer.close();
    const reader = await openCapture(memorySource(sink.bytes));
    const comments: string[][] = [];
    while (reader.next()) comments.push(reader.comments());
    expect(comments).toEqual([['ü'.repeat(32_766)], [`x${'€'.repeat(21_843)}`]]);
  });
});
