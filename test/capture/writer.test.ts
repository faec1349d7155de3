import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type CaptureOptions, createCapture } from '../../src/capture/writer.ts';
import { type TaplineError } from '../../src/errors.ts';
import { oracle } from './support/oracle.ts';
import { MemorySink } from './support/sinks.ts';

const interfaces = [{ name: 'lan0', linkType: 1 }];
/** Bytes of a packet, and of its block. */
const PACKET_BYTES = 1000;
const packet = new Uint8Array(PACKET_BYTES).fill(7);
const BLOCK_BYTES = PACKET_BYTES + 32;

/** Writes packets until there is no room. */
function fill(writer: ReturnType<typeof createCapture>): number {
  let count = 0;
  while (writer.write(packet, { seconds: count })) count++;
  return count;
}

describe('a capture that is written', () => {
  it('has its header at once, so that who reads along can begin', async () => {
    const sink = new MemorySink();
    const writer = createCapture(sink, { interfaces });
    await pause(5);
    expect(oracle(sink.bytes)).toEqual({ packets: [], failedAt: undefined });
    expect(sink.bytes.length).toBeGreaterThan(48);
    await writer.close();
  });

  it('is written in large pieces, and on its own after a while', async () => {
    const sink = new MemorySink();
    const writer = createCapture(sink, { interfaces, flushAfterMs: 40 });
    await pause(5);
    const headerBytes = sink.bytes.length;
    for (let i = 0; i < 3; i++) writer.write(packet, { seconds: 1 });
    await pause(10);
    expect(sink.bytes.length).toBe(headerBytes);
    await pause(100);
    expect(sink.bytes.length).toBe(headerBytes + 3 * BLOCK_BYTES);
    await writer.close();
  });

  it('is written at once by flush()', async () => {
    const sink = new MemorySink();
    const writer = createCapture(sink, { interfaces, flushAfterMs: 60_000 });
    await writer.flush();
    const headerBytes = sink.bytes.length;
    writer.write(packet, { seconds: 1 });
    await writer.flush();
    expect(sink.bytes.length).toBe(headerBytes + BLOCK_BYTES);
    await writer.flush();
    await writer.close();
  });

  it('flushes what is there when flush() is called, however much comes behind', async () => {
    const sink = new MemorySink();
    const writer = createCapture(sink, { interfaces, bufferBytes: 2 ** 20 });
    fill(writer);
    const busy = setInterval(() => fill(writer), 0);
    await writer.flush();
    clearInterval(busy);
    expect(writer.notCaptured).toBeGreaterThan(0);
    await writer.close();
  });

  it('drops and counts packets while its sink is slower than they are, and uses no more memory', async () => {
    const sink = new MemorySink();
    sink.isHeld = true;
    const writer = createCapture(sink, { interfaces, bufferBytes: 2 ** 20 });
    const count = fill(writer);
    expect(count).toBe(Math.floor(2 ** 19 / BLOCK_BYTES));
    expect(fill(writer)).toBe(0);
    expect([writer.written, writer.notCaptured]).toEqual([count, 2]);
    sink.isHeld = false;
    sink.finishWrite();
    await pause(5);
    const later = fill(writer);
    expect(later).toBeGreaterThan(0);
    await writer.close();
    expect(writer.notCaptured).toBe(3);
    expect(oracle(sink.bytes).packets).toHaveLength(count + later);
    expect(writer.written).toBe(count + later);
  });

  it('lets a patient writer wait for room instead', async () => {
    const sink = new MemorySink();
    sink.isHeld = true;
    const writer = createCapture(sink, { interfaces, bufferBytes: 2 ** 20 });
    const memory = { bytes: packet, view: new DataView(packet.buffer) };
    const info = { seconds: 1 };
    let count = 0;
    while (writer.writeFrom(memory, 0, PACKET_BYTES, info, true)) count++;
    expect(writer.notCaptured).toBe(0);
    let isTold = false;
    writer.awaitRoom(() => {
      isTold = true;
    });
    await pause(5);
    expect(isTold).toBe(false);
    sink.isHeld = false;
    sink.finishWrite();
    await pause(5);
    expect(isTold).toBe(true);
    expect(writer.writeFrom(memory, 0, PACKET_BYTES, info, true)).toBe(true);
    await writer.close();
    expect(oracle(sink.bytes).packets).toHaveLength(count + 1);
  });

  it('takes no packets after it was closed', async () => {
    const sink = new MemorySink();
    const writer = createCapture(sink, { interfaces });
    const closing = writer.close();
    expect(writer.write(packet, {})).toBe(false);
    await closing;
    await writer.close();
    expect([writer.isStopped, writer.notCaptured, sink.isClosed]).toEqual([true, 1, true]);
  });

  it('throws for an interface that it does not have', async () => {
    const writer = createCapture(new MemorySink(), { interfaces });
    expect(() => writer.write(packet, { interface: 1 })).toThrow(RangeError);
    await writer.close();
  });
});

describe('a capture whose disk is full', () => {
  for (const format of ['pcap', 'pcapng'] as const) {
    it(`stops, says so once, and leaves a ${format} file of whole packets`, async () => {
      for (let extra = 0; extra < BLOCK_BYTES; extra += 37) {
        const sink = new MemorySink();
        sink.capacity = 600_000 + extra;
        const errors: TaplineError[] = [];
        const onStop = (error: TaplineError): unknown => errors.push(error);
        const writer = createCapture(sink, { format, interfaces, onStop });
        for (let i = 0; i < 1000; i++) writer.write(packet, { seconds: 1 });
        await writer.flush();
        expect(errors.map(({ errno }) => errno)).toEqual([28]);
        expect(writer.failure).toBe(errors[0]);
        const { packets, failedAt } = oracle(sink.bytes);
        expect(failedAt).toBeUndefined();
        expect(writer.written).toBe(packets.length);
        expect(packets.length).toBeGreaterThan(500);
        expect(writer.written + writer.notCaptured).toBe(1000);
        expect(writer.write(packet, {})).toBe(false);
        expect(writer.notCaptured).toBe(1001 - packets.length);
        await writer.close();
        expect([errors.length, sink.isClosed]).toEqual([1, true]);
      }
    });
  }

  it('throws the reason from close() when nobody else was told', async () => {
    const sink = new MemorySink();
    sink.capacity = 10;
    const writer = createCapture(sink, { interfaces });
    writer.write(packet, {});
    await expect(writer.close()).rejects.toMatchObject({ code: 'SYSCALL', errno: 28 });
    expect([sink.isClosed, writer.written, writer.notCaptured, sink.bytes.length]).toEqual([true, 0, 1, 0]);
  });

  it('throws it from flush(), and not again', async () => {
    const sink = new MemorySink();
    sink.capacity = 200;
    const writer = createCapture(sink, { interfaces });
    writer.write(packet, {});
    await expect(writer.flush()).rejects.toMatchObject({ errno: 28 });
    await writer.flush();
    await writer.close();
  });

  it('tells who waits for room, that never comes', async () => {
    const sink = new MemorySink();
    sink.capacity = 600_000;
    const writer = createCapture(sink, { interfaces, bufferBytes: 2 ** 20, onStop: () => undefined });
    fill(writer);
    await new Promise<void>((resolve) => {
      writer.awaitRoom(resolve);
    });
    fill(writer);
    while (!writer.isStopped) await pause(1);
    await new Promise<void>((resolve) => {
      writer.awaitRoom(resolve);
    });
    await writer.close();
  });
});

describe('createCapture', () => {
  const wrong: readonly (readonly [options: object, error: typeof TypeError | typeof RangeError, message: RegExp])[] = [
    [{ interfaces: [] }, RangeError, /the number of interfaces to be an integer from 1 to 256, got 0/],
    [{}, TypeError, /interfaces to be a list/],
    [{ interfaces, form: 'pcap' }, TypeError, /'form': did you mean 'format'/],
    [{ interfaces, format: 'snoop' }, TypeError, /format to be pcapng or pcap, got 'snoop'/],
    [{ interfaces, byteOrder: 'middle' }, TypeError, /byteOrder/],
    [{ interfaces, resolution: 'ms' }, TypeError, /resolution/],
    [{ interfaces, bufferBytes: 1000 }, RangeError, /bufferBytes to be an integer from 1048576/],
    [{ interfaces, flushAfterMs: -1 }, RangeError, /flushAfterMs/],
    [{ interfaces: [{ name: 'a', linkType: 70_000 }] }, RangeError, /linkType/],
    [{ interfaces: [{ name: 'a', linkType: 1, snapLength: 0 }] }, RangeError, /snapLength/],
    [{ interfaces: [{ linkType: 1 }] }, TypeError, /name of an interface/],
    [
      {
        format: 'pcap',
        interfaces: [
          { name: 'a', linkType: 1 },
          { name: 'b', linkType: 101 },
        ],
      },
      TypeError,
      /several link types to a pcap file: use pcapng/,
    ],
  ];
  for (const [options, error, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      const create = (): unknown => createCapture(new MemorySink(), options as CaptureOptions);
      expect(create).toThrow(error);
      expect(create).toThrow(message);
    });
  }
});
