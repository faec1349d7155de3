import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  type CaptureReader,
  type FilterDeclaration,
  type FilterLike,
  type Pipeline,
  type Summary,
  capture,
  discard,
  file,
  openCapture,
  openPipeline,
  queue,
} from '../../src/index.ts';
import { tcpFrame, udpFrame } from '../../src/testing/index.ts';
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
} from '../capture/support/build.ts';
import { inFolder } from '../capture/support/folder.ts';
import { expectBalance, socketDevice, started, take, until } from './support/lines.ts';
import { VirtioFrame } from './support/virtio.ts';

const second = 1_000_000_000n;

interface Packet {
  readonly data: Uint8Array;
  readonly timeNs: bigint;
  readonly wireLength: number;
  readonly interface: string;
  readonly direction: CaptureReader['direction'];
  readonly comments: readonly string[];
}

/** A file of the folder of the test. */
interface Folder {
  readonly path: (name: string) => string;
  readonly write: (name: string, ...parts: Uint8Array[]) => string;
  readonly read: (name: string) => Promise<Packet[]>;
}

async function withFolder(body: (folder: Folder) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const path = (name: string): string => joinPath(folder, name);
    await body({
      path,
      write: (name, ...parts) => {
        writeFileSync(path(name), join(...parts));
        return path(name);
      },
      read: async (name) => {
        using reader = await openCapture(path(name));
        const packets: Packet[] = [];
        while (await reader.advance()) {
          const { timeNs, wireLength, direction } = reader;
          const at = reader.interfaces[reader.interface]?.name ?? '';
          const data = Uint8Array.from(reader.packet());
          packets.push({ data, timeNs, wireLength, interface: at, direction, comments: reader.comments() });
        }
        return packets;
      },
    });
  });
}

async function run(pipeline: Pipeline): Promise<Summary> {
  const line = await openPipeline(pipeline);
  const summary = await line.run();
  expectBalance(summary);
  return summary;
}

function mirrorTo(port: string): FilterDeclaration['filter'] {
  return (packet) => {
    packet.mirror(port);
  };
}

/** Frames that differ, a second apart. */
function records(count: number, length = 60): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => pcapRecord(filler(length, i), { seconds: i, fraction: i }));
}

describe('a capture file as a port', () => {
  it('is copied to another one with times, lengths and bytes, and the line ends by itself', async () => {
    await withFolder(async ({ write, path, read }) => {
      const from = write(
        'in.pcap',
        pcapHeader(),
        pcapRecord(filler(60), { seconds: 1_700_000_000, fraction: 123_456 }),
        pcapRecord(filler(90), { seconds: 5, fraction: 999_999, original: 1514 }),
        pcapRecord(filler(65_550), { seconds: 4_294_967_295, fraction: 0 }),
      );
      const ports = { in: file(from), out: capture(path('out.pcapng')) };
      const summary = await run({ ports, record: capture(path('all.pcapng')) });
      expect(summary).toMatchObject({ read: 3, forwarded: 3, held: 0 });
      expect(summary.ports).toMatchObject({
        in: { read: 3, readBytes: 65_700, skipped: { linkType: 0, otherLink: 0, notIp: 0 } },
        out: { forwarded: 3, forwardedBytes: 65_700, capture: { written: 3, notCaptured: 0, stopped: null } },
      });
      const about = { interface: 'in', direction: 'inbound', comments: [] };
      const packets = await read('out.pcapng');
      expect(await read('all.pcapng')).toEqual(packets);
      expect(packets).toEqual([
        { data: filler(60), timeNs: 1_700_000_000_123_456_000n, wireLength: 60, ...about },
        { data: filler(90), timeNs: 5_999_999_000n, wireLength: 1514, ...about },
        { data: filler(65_550), timeNs: 4_294_967_295n * second, wireLength: 65_550, ...about },
      ]);
    });
  });

  it.each(['a.pcap', 'a.pcapng', 'a.pcap.gz', 'a.pcapng.gz', 'other'])(
    'is written as its name says: %s',
    async (name) => {
      await withFolder(async ({ write, path, read }) => {
        const from = write('in.pcap.gz', gzipSync(join(pcapHeader(), ...records(700))));
        const summary = await run({ ports: { in: file(from), out: capture(path(name)) } });
        expect(summary).toMatchObject({ read: 700, forwarded: 700 });
        expect((await read(name)).map(({ data }) => data)).toEqual(
          Array.from({ length: 700 }, (_, i) => filler(60, i)),
        );
        const [first, next] = readFileSync(path(name));
        expect(first === 0x1f && next === 0x8b).toBe(name.endsWith('.gz'));
        using reader = await openCapture(path(name));
        expect(reader.format).toBe(/\.pcap(\.gz)?$/.test(name) ? 'pcap' : 'pcapng');
      });
    },
  );

  it('keeps what is left of a packet that a filter makes shorter or longer', async () => {
    await withFolder(async ({ write, path, read }) => {
      const from = write('in.pcap', pcapHeader(), pcapRecord(filler(60), { original: 1000 }));
      const push: FilterLike = { name: 'push', filter: (packet) => void packet.push(4) };
      await run({ ports: { in: file(from), out: capture(path('out.pcap')) }, filters: [push] });
      expect(await read('out.pcap')).toMatchObject([{ wireLength: 1004, data: join(new Uint8Array(4), filler(60)) }]);
    });
  });

  it('says how a packet came there that came by more than its route', async () => {
    await withFolder(async ({ write, path, read }) => {
      const from = write('in.pcap', pcapHeader(), ...records(4));
      let seen = 0;
      const chooser: FilterLike = {
        name: 'chooser',
        filter(packet) {
          const verdicts = [
            () => packet.accept(),
            () => packet.redirect('spy'),
            () => {
              packet.mirror('spy');
            },
            () => undefined,
          ];
          return verdicts[seen++]?.();
        },
      };
      const ports = { in: file(from), out: capture(path('out.pcapng')), spy: capture(path('spy.pcapng')) };
      const summary = await run({ ports, routes: { in: 'out' }, filters: [chooser] });
      expect(summary).toMatchObject({ forwarded: 4, mirrored: 1, mirrorsLost: 0 });
      const told = async (name: string): Promise<unknown> =>
        (await read(name)).map(({ timeNs, interface: at, comments }) => [timeNs / second, at, ...comments]);
      expect(await told('out.pcapng')).toEqual([
        [0n, 'in', 'accept'],
        [2n, 'in'],
        [3n, 'in'],
      ]);
      // A copy is sent before the batch from which it was made.
      expect(await told('spy.pcapng')).toEqual([
        [2n, 'in', 'mirror'],
        [1n, 'in', 'redirect'],
      ]);
    });
  });

  it('gives filters the time of the capture', async () => {
    await withFolder(async ({ write }) => {
      const from = write('in.pcap', pcapHeader(), ...records(600));
      const seen: { time: bigint; wireLength: number; now: number }[] = [];
      const look: FilterLike = {
        name: 'look',
        filter: ({ time, wireLength }, { now }) => void seen.push({ time, wireLength, now }),
      };
      await run({ ports: { in: file(from), out: discard() }, filters: [look] });
      expect(seen.map(({ time }) => time)).toEqual(
        Array.from({ length: 600 }, (_, i) => BigInt(i) * second + BigInt(i) * 1000n),
      );
      // A batch at a time: that of its last packet.
      expect(new Set(seen.map(({ now }) => Math.floor(now / 1e9)))).toEqual(new Set([255, 511, 599]));
      expect(new Set(seen.map(({ wireLength }) => wireLength))).toEqual(new Set([60]));
    });
  });

  it('loses nothing to a reader that is slow', async () => {
    await withFolder(async ({ write, path }) => {
      const count = 20_000;
      const from = write('in.pcap', pcapHeader(), ...records(count, 1000));
      const pipe = path('pipe');
      spawnSync('mkfifo', [pipe]);
      const opening = openCapture(pipe);
      const line = await openPipeline({ ports: { in: file(from), out: capture(pipe) } });
      const running = line.run();
      const reader = await opening;
      for (let i = 0; i < 40; i++) await new Promise((resolve) => setTimeout(resolve, 5));
      // It waits: more would be in the pipe and in memory than there is room for.
      expect(line.summary().read).toBeLessThan(count);
      let read = 0;
      while (await reader.advance()) if (Buffer.compare(reader.packet(), filler(1000, read)) === 0) read++;
      expect(read).toBe(count);
      expect(await running).toMatchObject({ forwarded: count, lost: 0 });
      reader.close();
    });
  });

  it('sends into a queue, and ends when the reader has finished with the last frame', async () => {
    await withFolder(async ({ write }) => {
      const out = queue();
      await using line = await started({ ports: { in: file(write('in.pcap', pcapHeader(), ...records(700))), out } });
      expect(await take(out, 700)).toHaveLength(700);
      out.tryReceive();
      expect(await line.running).toMatchObject({ read: 700, forwarded: 700, held: 0 });
    });
  });

  it('is replayed onto a device, whose own packets do not keep the line', async () => {
    await withFolder(async ({ write }) => {
      const tap = await socketDevice('tap0');
      const from = write('in.pcap', pcapHeader(), ...records(40));
      tap.link.send(udpFrame());
      const summary = await run({ ports: { in: file(from, { speed: 1e6 }), tap: tap.device }, routes: { in: 'tap' } });
      expect(summary).toMatchObject({ forwarded: 40, reasons: { noRoute: 1 }, ports: { tap: { forwarded: 40 } } });
      expect(tap.calls.at(-1)).toBe('close');
    });
  });

  it('keeps its times beside ports of other kinds, whose packets have the time at which they came', async () => {
    await withFolder(async ({ write, path, read }) => {
      const a = queue();
      await using line = await started({
        ports: { a, in: file(write('in.pcap', pcapHeader(), ...records(300))), out: capture(path('out.pcapng')) },
        routes: { in: 'out', a: 'out' },
      });
      await a.send(filler(61));
      await until(() => line.line.summary().forwarded === 301, 'all are written');
      expect(line.line.engine).toBe('loopback + capture');
      await line.stop();
      const packets = await read('out.pcapng');
      const own = packets.filter(({ interface: at }) => at === 'a');
      expect(own).toMatchObject([{ data: filler(61), wireLength: 61 }]);
      const ageNs = BigInt(Date.now()) * 1_000_000n - (own[0]?.timeNs ?? 0n);
      expect(ageNs >= 0n && ageNs < 60n * second).toBe(true);
      expect(packets.filter(({ interface: at }) => at === 'in').map(({ timeNs }) => timeNs / second)).toEqual(
        Array.from({ length: 300 }, (_, i) => BigInt(i)),
      );
    });
  });

  it('may be stopped in the middle: what was written is whole', async () => {
    await withFolder(async ({ write, path, read }) => {
      const from = write('in.pcap', pcapHeader(), ...records(50));
      await using line = await started({ ports: { in: file(from, { speed: 10 }), out: capture(path('out.pcapng')) } });
      await until(() => line.line.summary().forwarded >= 2, 'two packets are written');
      await line.line.flush();
      expect((await read('out.pcapng')).length).toBeGreaterThanOrEqual(2);
      const { forwarded } = await line.stop();
      expect(forwarded).toBeLessThan(50);
      expect(await read('out.pcapng')).toHaveLength(forwarded);
    });
  });

  it('ends at once where there is nothing to read, or nothing but a capture', async () => {
    await withFolder(async ({ write, path, read }) => {
      for (const empty of [pcapHeader(), section(), join(section(), interfaceBlock())]) {
        const ports = { in: file(write('empty', empty)), out: capture(path('out.pcapng')) };
        expect(await run({ ports })).toMatchObject({ read: 0 });
        expect(await read('out.pcapng')).toEqual([]);
      }
      expect(await run({ ports: { out: capture(path('only.pcap')) } })).toMatchObject({ read: 0 });
    });
  });

  it('lets several files into one line, each to its end', async () => {
    await withFolder(async ({ write, path, read }) => {
      const one = write('one.pcap', pcapHeader(), ...records(1000));
      const two = write('two.pcap', pcapHeader(), ...records(10));
      const ports = { one: file(one), two: file(two), out: capture(path('out.pcapng')) };
      expect(await run({ ports, routes: { one: 'out', two: 'out' } })).toMatchObject({ read: 1010, forwarded: 1010 });
      const packets = await read('out.pcapng');
      expect(packets.filter(({ interface: at }) => at === 'two').map(({ data }) => data)).toEqual(
        Array.from({ length: 10 }, (_, i) => filler(60, i)),
      );
    });
  });
});

describe('a file of several link types', () => {
  const cooked = (protocol: number): Uint8Array => join(new Uint8Array(14), u16(protocol, 'big'), filler(40));
  const mixed = join(
    section(),
    ...[113, 101, 1, 147].map((linkType) => interfaceBlock({ linkType })),
    packetBlock(cooked(0x0800), { original: 1516 }),
    packetBlock(cooked(0x0806)),
    packetBlock(filler(41), { interface: 1 }),
    packetBlock(filler(60), { interface: 2 }),
    packetBlock(filler(60), { interface: 3 }),
  );

  it('is read as what its first interface is, or as what is asked for; the rest is skipped and counted', async () => {
    await withFolder(async ({ write, path, read }) => {
      const from = write('in.pcapng', mixed);
      const ip = await run({ ports: { in: file(from), out: capture(path('ip')) } });
      expect(ip).toMatchObject({ read: 2, ports: { in: { skipped: { linkType: 1, otherLink: 1, notIp: 1 } } } });
      expect((await read('ip')).map(({ data, wireLength }) => [data, wireLength])).toEqual([
        [filler(40), 1500],
        [filler(41), 41],
      ]);
      const ethernet = await run({ ports: { in: file(from, { link: 'ethernet' }), out: capture(path('eth')) } });
      expect(ethernet).toMatchObject({ read: 1, ports: { in: { skipped: { linkType: 1, otherLink: 3, notIp: 0 } } } });
      using reader = await openCapture(path('ip'));
      expect(reader.interfaces.map(({ name, linkType }) => [name, linkType])).toEqual([['in', 101]]);
    });
  });

  it('cannot be used where no line can carry it', async () => {
    await withFolder(async ({ write }) => {
      const from = write('in.pcap', pcapHeader({ linkType: 147 }));
      await expect(openPipeline({ ports: [file(from)] })).rejects.toMatchObject({
        code: 'BAD_CAPTURE',
        message: expect.stringContaining(
          'its packets are of link type 147, and a line carries Ethernet and IP',
        ) as string,
      });
    });
  });
});

describe('a file that is damaged', () => {
  const damaged = join(pcapHeader(), ...records(300), pcapRecord(filler(60), { captured: 2 ** 30 }));

  it('is processed as far as it goes; run rejects with place and reason, and captures are whole', async () => {
    await withFolder(async ({ write, path, read }) => {
      const ports = { in: file(write('in.pcap', damaged)), out: capture(path('out.pcapng')) };
      const line = await openPipeline({ ports });
      await expect(line.run()).rejects.toMatchObject({
        code: 'BAD_CAPTURE',
        message: expect.stringMatching(new RegExp(` beyond byte ${24 + 300 * 76}: `)) as string,
      });
      expect(line.summary()).toMatchObject({ read: 300, forwarded: 300, held: 0 });
      expect(await read('out.pcapng')).toHaveLength(300);
    });
  });

  it('does not end a line that has other inputs; the error comes when it ends', async () => {
    await withFolder(async ({ write }) => {
      const [a, out] = [queue(), queue()];
      const line = await started({
        ports: { in: file(write('in.pcap', damaged)), a, out },
        routes: { in: 'out', a: 'out' },
      });
      await take(out, 300);
      await a.send(udpFrame());
      await take(out, 1);
      await line.line.close();
      await expect(line.running).rejects.toMatchObject({ code: 'BAD_CAPTURE' });
      expect(line.line.summary()).toMatchObject({ read: 301 });
    });
  });

  it('opens nothing and leaves nothing when it is no capture at all', async () => {
    await withFolder(async ({ write, path }) => {
      const ports = { in: file(write('in', filler(100))), out: capture(path('out.pcapng')) };
      await expect(openPipeline({ ports })).rejects.toMatchObject({ code: 'BAD_CAPTURE' });
      expect(existsSync(path('out.pcapng'))).toBe(false);
    });
  });
});

describe('a capture that cannot go on', () => {
  it('stops alone when the disk is full: said once, counted, and the line goes on', async () => {
    await withFolder(async ({ write }) => {
      const log: string[] = [];
      const out = queue();
      const from = write('in.pcap', pcapHeader(), ...records(3000, 1000));
      const spy: FilterLike = { name: 'spy', filter: mirrorTo('full') };
      await using line = await started({
        ports: { in: file(from), out, full: capture('/dev/full') },
        routes: { in: 'out' },
        filters: [spy],
        record: capture('/dev/full'),
        log: (message) => log.push(message),
      });
      await take(out, 3000);
      out.tryReceive();
      const summary = await line.running;
      const told = 'Cannot write /dev/full: write failed with ENOSPC: the disk is full: nothing more is captured there';
      expect(log).toEqual([told, told]);
      expect(summary).toMatchObject({ read: 3000, forwarded: 3000, lost: 0 });
      expect(summary.record).toEqual({ written: 0, notCaptured: 3000, stopped: 'ENOSPC' });
      expect(summary.ports['full']?.capture).toMatchObject({ written: 0, stopped: 'ENOSPC' });
    });
  });

  it('loses what is routed to it, by name', async () => {
    await withFolder(async ({ write }) => {
      const from = write('in.pcap', pcapHeader(), ...records(9000, 1000));
      const summary = await run({ ports: { in: file(from), out: capture('/dev/full') }, log: () => undefined });
      expect(summary).toMatchObject({ read: 9000, ports: { out: { capture: { written: 0, notCaptured: 9000 } } } });
      expect(summary.reasons).toEqual({ ioError: summary.lost });
      expect(summary.lost).toBeGreaterThan(0);
    });
  });

  it('ends a line of files when its reader has gone', async () => {
    await withFolder(async ({ write, path }) => {
      const pipe = path('pipe');
      spawnSync('mkfifo', [pipe]);
      const opening = openCapture(pipe);
      const from = write('in.pcap', pcapHeader(), ...records(20_000, 1000));
      const log: string[] = [];
      const line = await openPipeline({
        ports: { in: file(from), out: capture(pipe) },
        log: (message) => log.push(message),
      });
      const running = line.run();
      (await opening).close();
      const summary = await running;
      expectBalance(summary);
      expect(summary.read).toBeLessThan(20_000);
      expect(summary.ports['out']?.capture?.stopped).toBe('EPIPE');
      expect(log).toHaveLength(1);
    });
  });
});

describe('a record', () => {
  it('has everything as it came in, with what became of it', async () => {
    await withFolder(async ({ path, read }) => {
      const [lan, wan, dmz] = [queue(), queue(), queue()];
      const frames = Array.from({ length: 6 }, (_, i) => tcpFrame({ destinationPort: i }));
      const judge = {
        name: 'judge',
        reasons: ['telnet'],
        filter(packet) {
          const { destinationPort } = packet;
          packet.ttl = 9;
          if (destinationPort === 0) return packet.drop('telnet');
          if (destinationPort === 1) return packet.drop();
          if (destinationPort === 2) return packet.redirect('dmz');
          if (destinationPort === 3) return packet.reflect();
          if (destinationPort === 4) return packet.accept();
          return undefined;
        },
      } satisfies FilterLike;
      await using line = await started({
        ports: { lan, wan, dmz },
        routes: { lan: 'wan' },
        filters: [judge],
        record: capture(path('all.pcapng')),
      });
      for (const frame of frames) await lan.send(frame);
      expect((await take(wan, 2)).map((frame) => frame[22])).toEqual([9, 9]);
      await wan.send(frames[5] ?? new Uint8Array());
      await until(() => line.line.summary().reasons['noRoute'] === 1, 'the last one is dropped');
      const { record } = await line.stop();
      expect(record).toEqual({ written: 7, notCaptured: 0, stopped: null });
      const packets = await read('all.pcapng');
      expect(packets.map(({ interface: at, direction, comments }) => [at, direction, ...comments])).toEqual([
        ['lan', 'inbound', 'drop: telnet'],
        ['lan', 'inbound', 'drop: unspecified'],
        ['lan', 'inbound', 'redirect: dmz'],
        ['lan', 'inbound', 'reflect'],
        ['lan', 'inbound', 'accept'],
        ['lan', 'inbound'],
        ['wan', 'inbound', 'drop: noRoute'],
      ]);
      expect(packets.slice(0, 6).map(({ data }) => data)).toEqual(frames);
      const ageNs = BigInt(Date.now()) * 1_000_000n - (packets[0]?.timeNs ?? 0n);
      expect(ageNs >= 0n && ageNs < 60n * second).toBe(true);
    });
  });

  it('names reasons rightly when filters change', async () => {
    await withFolder(async ({ path, read }) => {
      const [a, b] = [queue(), queue()];
      const dropping = (name: string, reason: string): FilterLike => ({
        name,
        reasons: [reason],
        filter: (packet) => packet.drop(reason),
      });
      await using line = await started({
        ports: { a, b },
        filters: [dropping('one', 'early')],
        record: capture(path('all.pcapng')),
      });
      await a.send(udpFrame());
      await until(() => line.line.summary().dropped === 1, 'the first is dropped');
      line.line.filters.remove('one');
      line.line.filters.add(dropping('two', 'late'));
      await a.send(udpFrame());
      await until(() => line.line.summary().dropped === 2, 'the second is dropped');
      await line.stop();
      expect((await read('all.pcapng')).flatMap(({ comments }) => comments)).toEqual(['drop: early', 'drop: late']);
    });
  });

  it('has super-packets whole, and no virtio header, as a port has', async () => {
    await withFolder(async ({ path, read }) => {
      const options = { virtioHeader: true, offloads: 'all' } as const;
      const [a, b] = [queue(options), queue(options)];
      const frame = tcpFrame({ payload: filler(60_000) });
      const spy: FilterLike = { name: 'spy', filter: mirrorTo('spy') };
      await using line = await started({
        ports: { a, b, spy: capture(path('spy.pcapng')) },
        routes: { a: 'b' },
        filters: [spy],
        record: capture(path('all.pcapng')),
      });
      await a.send(VirtioFrame.partial(frame, { gsoType: 1, gsoSize: 1448 }));
      await take(b, 1);
      await line.stop();
      for (const name of ['spy.pcapng', 'all.pcapng']) {
        const [packet, ...others] = await read(name);
        expect(others).toEqual([]);
        expect([packet?.data.length, packet?.wireLength]).toEqual([frame.length, frame.length]);
        // All but the checksum, which is left to the kernel.
        expect(packet?.data.subarray(0, 50)).toEqual(frame.subarray(0, 50));
        expect(packet?.data.subarray(52)).toEqual(frame.subarray(52));
      }
    });
  });

  it('of files loses nothing to a slow disk: the line waits', async () => {
    await withFolder(async ({ write, path }) => {
      const count = 40_000;
      const from = write('in.pcap', pcapHeader(), ...records(count, 1000));
      const pipe = path('pipe');
      spawnSync('mkfifo', [pipe]);
      const opening = openCapture(pipe);
      const line = await openPipeline({ ports: { in: file(from), out: discard() }, record: capture(pipe) });
      const running = line.run();
      const reader = await opening;
      for (let i = 0; i < 60; i++) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(line.summary().read).toBeLessThan(count);
      let read = 0;
      while (await reader.advance()) read++;
      expect(read).toBe(count);
      expect((await running).record).toEqual({ written: count, notCaptured: 0, stopped: null });
      reader.close();
    });
  });
});

describe('what is wrong with a declaration of captures is said before anything is opened', () => {
  it.each([
    [() => file(''), "Cannot read a capture: expected a path, got ''"],
    [() => file('a', { sped: 1 } as object), "Cannot read a capture with 'sped': did you mean 'speed'?"],
    [() => file('a', { speed: 0 }), 'Cannot read a capture with speed 0: expected a number above 0'],
    [() => file('a', { speed: Number.NaN }), 'Cannot read a capture with speed NaN'],
    [() => file('a', { link: 'tap' as 'ip' }), "with link 'tap': expected 'ethernet' or 'ip'"],
    [() => capture(7 as unknown as string), 'Cannot capture: expected a path, got 7'],
    [() => capture('a', { snapLength: 0 }), 'Cannot capture with snapLength 0: expected 1 to 262144'],
    [() => capture('a', { format: 'snoop' as 'pcap' }), "with format 'snoop': expected 'pcapng' or 'pcap'"],
    [() => capture('a', null as unknown as object), 'Cannot capture: options must be an object'],
  ])('%s', (make, message) => {
    expect(make).toThrow(message);
  });

  it('in a line', async () => {
    await withFolder(async ({ write, path }) => {
      const ethernet = file(write('in.pcap', pcapHeader()));
      const ip = file(write('ip.pcap', pcapHeader({ linkType: 101 })));
      const out = (): ReturnType<typeof capture> => capture(path('out.pcap'));
      const wrong: [Pipeline, string][] = [
        [{ ports: { in: ethernet, out: out() }, routes: { out: 'in' } }, 'nothing comes in by out, it is only written'],
        [{ ports: { in: ethernet, a: queue() }, routes: { a: 'in' } }, 'in is a file that is only read'],
        [{ ports: { in: ip, a: queue() } }, 'in carries IP packets (TUN) and a Ethernet frames (TAP)'],
        [{ ports: { in: ip, a: queue(), out: out() } }, "say what it takes, link: 'ethernet' or 'ip'"],
        [
          { ports: { in: ethernet, in2: ip }, record: out() },
          'Cannot write interfaces of several link types to a pcap',
        ],
        [{ ports: { in: ethernet }, record: ethernet as never }, 'record must be a capture(…)'],
        [{ ports: { in: ethernet }, record: discard() as never }, 'record must be a capture(…)'],
        [{ ports: { in: ethernet }, record: capture(path('in.pcap')) }, 'it is read already, and would be emptied'],
        [{ ports: { in: ethernet, out: out() }, record: out() }, 'it is written already, and would be emptied'],
        [{ ports: { in: ethernet, out: capture(path('no/out')) } }, 'open failed with ENOENT'],
      ];
      for (const [pipeline, message] of wrong) await expect(openPipeline(pipeline)).rejects.toThrow(message);
      expect(existsSync(path('out.pcap'))).toBe(false);
      expect(readFileSync(path('in.pcap'))).toHaveLength(24);
    });
  });
});

it('a capture that says nothing for long does not hold up the event loop', async () => {
  await withFolder(async ({ write }) => {
    const empty = block(0xbad, new Uint8Array());
    const nothing = join(...Array.from({ length: 100_000 }, () => empty));
    const from = write('in.pcapng', section(), interfaceBlock(), nothing, nothing, packetBlock(filler(60)));
    let rounds = 0;
    const timer = setInterval(() => rounds++, 1);
    expect(await run({ ports: { in: file(from), out: discard() } })).toMatchObject({ read: 1, forwarded: 1 });
    clearInterval(timer);
    expect(rounds).toBeGreaterThan(0);
  });
});
