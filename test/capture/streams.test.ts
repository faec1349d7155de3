import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/reader.ts';
import { createCapture } from '../../src/capture/writer.ts';
import { block, filler, interfaceBlock, join, packetBlock, pcapHeader, pcapRecord, section } from './support/build.ts';
import { copyArguments, isBuildMissing, startCopy } from './support/copyChild.ts';
import { inFolder } from './support/folder.ts';
import { oracle } from './support/oracle.ts';
import { comparable, readAll } from './support/readAll.ts';
import { memorySource } from './support/sources.ts';

/** A capture of `count` packets, some of them larger than a pipe. */
function capture(count: number): Uint8Array {
  const packets = Array.from({ length: count }, (_, i) =>
    packetBlock(filler(i % 100 === 99 ? 200_000 : 60 + (i % 64), i)),
  );
  return join(section(), interfaceBlock(), ...packets);
}

describe('a file', () => {
  it('is read at once, tells how far it was read, and is closed', async () => {
    await inFolder(async (folder) => {
      const path = joinPath(folder, 'a.pcapng');
      writeFileSync(path, capture(1000));
      const reader = await openCapture(path, { windowBytes: 8192 });
      expect(reader.progress()).toBeLessThan(0.1);
      while (reader.packets < 500) expect(reader.next()).toBe(true);
      expect(reader.progress()).toBeGreaterThan(0.4);
      expect(reader.progress()).toBeLessThan(0.6);
      while (reader.next());
      expect([reader.isEnded, reader.packets, reader.progress()]).toEqual([true, 1000, 1]);
      reader.close();
      reader.close();
    });
  });

  it('that is not there, or a folder, is an error with its path', async () => {
    await inFolder(async (folder) => {
      const path = joinPath(folder, 'missing.pcap');
      const missing = { code: 'SYSCALL', errno: 2, syscall: 'open', path };
      await expect(openCapture(path)).rejects.toMatchObject(missing);
      await expect(openCapture(folder)).rejects.toMatchObject({ code: 'SYSCALL', path: folder });
      expect(() => createCapture(joinPath(folder, 'no', 'x'), { interfaces: [{ name: 'a', linkType: 1 }] })).toThrow(
        /there is no such file/,
      );
      expect(() => createCapture(folder, { interfaces: [{ name: 'a', linkType: 1 }] })).toThrow(/it is a directory/);
    });
  });

  it('takes its format from its name unless it is told', async () => {
    await inFolder(async (folder) => {
      for (const [name, format] of [
        ['a.pcap', 'pcap'],
        ['a.cap', 'pcap'],
        ['a.pcapng', 'pcapng'],
        ['a', 'pcapng'],
      ] as const) {
        const path = joinPath(folder, name);
        await createCapture(path, { interfaces: [{ name: 'a', linkType: 1 }] }).close();
        const reader = await openCapture(path);
        expect(reader.format).toBe(format);
        reader.close();
      }
    });
  });
});

describe('gzip', () => {
  it('is recognised, in one member or several, from a file or a slow pipe', async () => {
    const file = capture(2000);
    const whole = oracle(file).packets.length;
    const half = Math.floor(file.length / 2);
    const members = join(gzipSync(file.subarray(0, half)), gzipSync(file.subarray(half)));
    for (const packed of [new Uint8Array(gzipSync(file)), members]) {
      expect((await readAll(packed)).packets).toHaveLength(whole);
      expect((await readAll(packed, { chunk: 100, isSlow: true })).packets).toHaveLength(whole);
      await inFolder(async (folder) => {
        const path = joinPath(folder, 'a.pcapng.gz');
        writeFileSync(path, packed);
        const reader = await openCapture(path);
        while (await reader.advance());
        expect([reader.packets, reader.progress()]).toEqual([whole, 1]);
        reader.close();
      });
    }
  });

  it('never makes next() wait', async () => {
    const reader = await openCapture(memorySource(new Uint8Array(gzipSync(capture(4000)))));
    let emptyHanded = 0;
    while (!reader.isEnded) {
      while (reader.next());
      emptyHanded++;
      await new Promise<void>((resolve) => {
        reader.awaitData(resolve);
      });
    }
    expect(reader.packets).toBe(4000);
    expect(emptyHanded).toBeGreaterThan(1);
  });

  it('that was cut gives what can be unpacked, then an error with the byte of the contents', async () => {
    const packets = Array.from({ length: 400 }, (_, i) => packetBlock(filler(60 + (i % 64), i)));
    const file = join(section(), interfaceBlock(), ...packets);
    const whole = oracle(file).packets.map(comparable);
    const packed = new Uint8Array(gzipSync(file, { level: 1 }));
    let before = -1;
    for (let end = 200; end < packed.length; end += 97) {
      const found = await readAll(packed.subarray(0, end), { chunk: 64 });
      expect(found.message).toMatch(
        /its compressed data is damaged \(unexpected end of file\)$|it ends within|it is empty/,
      );
      expect(found.packets.length).toBeGreaterThanOrEqual(before);
      expect(found.packets.map(comparable)).toEqual(whole.slice(0, found.packets.length));
      before = found.packets.length;
    }
    // All but the trailer: everything was unpacked, and it is an error nevertheless.
    const found = await readAll(packed.subarray(0, -4));
    expect(found.packets).toHaveLength(400);
    expect(found.failedAt).toBe(file.length);
  });

  it('that is damaged is an error, and so is one that holds no capture', async () => {
    const packed = new Uint8Array(gzipSync(capture(500)));
    packed.fill(0x55, packed.length / 2, packed.length / 2 + 20);
    const found = await readAll(packed);
    // What is unpacked until zlib sees it may be nonsense already.
    expect(found.message).toMatch(
      /beyond byte \d+: (?:its compressed data is damaged \(|the block length|it ends within)/,
    );
    expect((await readAll(new Uint8Array(gzipSync('hello world')))).message).toMatch(/it is no pcap or pcapng file/);
    expect((await readAll(new Uint8Array(gzipSync('')))).message).toMatch(/it is empty/);
  });

  it('does not fill the memory, however much it holds', async () => {
    // 1 GiB of blocks without packets in about 1 MiB.
    const blocks = join(...Array.from({ length: 64 }, () => block(0xbad, new Uint8Array(2 ** 20 - 12))));
    const packed = new Uint8Array(gzipSync(blocks));
    const members = Array.from({ length: 16 }, () => packed);
    const bomb = join(new Uint8Array(gzipSync(join(section(), interfaceBlock()))), ...members);
    const reader = await openCapture(memorySource(bomb));
    const used = (): number => process.memoryUsage().rss;
    const before = used();
    let most = 0;
    while (!reader.isEnded) {
      reader.next(16);
      most = Math.max(most, used() - before);
      await new Promise<void>((resolve) => {
        reader.awaitData(resolve);
      });
    }
    expect(reader.offset).toBeGreaterThan(2 ** 30);
    expect(most).toBeLessThan(200 * 2 ** 20);
  });
});

describe.skipIf(isBuildMissing)('standard input and output', () => {
  it('carry captures through pipes', async () => {
    const file = capture(3000);
    const { child, report } = startCopy('-', '-');
    const copied = buffer(child.stdout as NodeJS.ReadableStream);
    child.stdin?.end(file);
    expect(oracle(await copied).packets.map(comparable)).toEqual(oracle(file).packets.map(comparable));
    expect(await report).toEqual({ read: 3000, written: 3000, notCaptured: 0, stopped: [] });
  });

  it('carry compressed captures, and pieces that come late', async () => {
    const packed = gzipSync(capture(300));
    const { child, report } = startCopy('-', '-', 'pcap');
    const copied = buffer(child.stdout as NodeJS.ReadableStream);
    for (let start = 0; start < packed.length; start += Math.ceil(packed.length / 5)) {
      child.stdin?.write(packed.subarray(start, start + Math.ceil(packed.length / 5)));
      await pause(20);
    }
    child.stdin?.end();
    expect(oracle(await copied).packets).toHaveLength(300);
    expect(await report).toMatchObject({ read: 300, written: 300 });
  });

  it('may be files', async () => {
    await inFolder((folder) => {
      const [from, to] = [joinPath(folder, 'a'), joinPath(folder, 'b')];
      writeFileSync(from, capture(50));
      const command = [process.execPath, ...copyArguments('-', '-')].map((word) => `'${word}'`).join(' ');
      execFileSync('sh', ['-c', `${command} < '${from}' > '${to}' 2> /dev/null`]);
      expect(oracle(readFileSync(to)).packets).toHaveLength(50);
    });
  });

  it('end a capture, and nothing else, when the reader goes away', async () => {
    const { child, report } = startCopy('-', '-');
    child.stdout?.destroy();
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(capture(3000));
    const { read, stopped } = await report;
    expect([read, stopped?.length]).toEqual([3000, 1]);
    expect(stopped?.[0]).toMatch(/Cannot write standard output: write failed with EPIPE: its reader has gone/);
  });

  it('say what is wrong with a pipe that breaks off', async () => {
    const { child, report } = startCopy('-', '-');
    child.stdout?.resume();
    child.stdin?.end(capture(10).subarray(0, -5));
    expect(await report).toMatchObject({ code: 'BAD_CAPTURE' });
    expect((await report).message).toMatch(/^Cannot read standard input beyond byte \d+: it ends within a block/);
  });
});

describe.skipIf(isBuildMissing)('a named pipe', () => {
  it('is waited for when it is read, and carries a capture', async () => {
    await inFolder(async (folder) => {
      const [from, to] = [joinPath(folder, 'in'), joinPath(folder, 'out')];
      execFileSync('mkfifo', [from, to]);
      const copied = buffer(createReadStream(to));
      const { report } = startCopy(from, to);
      await pause(300);
      createWriteStream(from).end(capture(500));
      expect(oracle(await copied).packets).toHaveLength(500);
      expect(await report).toMatchObject({ read: 500, written: 500 });
    });
  });

  it('that nobody reads is an error, not a wait', async () => {
    await inFolder((folder) => {
      const path = joinPath(folder, 'out');
      execFileSync('mkfifo', [path]);
      const create = (): unknown => createCapture(path, { interfaces: [{ name: 'a', linkType: 1 }] });
      expect(create).toThrow(/open failed with ENXIO: nobody reads the pipe yet, start the reader first/);
    });
  });

  it('may bring several short packets over a long time', async () => {
    await inFolder(async (folder) => {
      const path = joinPath(folder, 'in');
      execFileSync('mkfifo', [path]);
      const opening = openCapture(path);
      const writer = createWriteStream(path);
      writer.write(pcapHeader());
      const reader = await opening;
      expect([reader.next(), reader.isEnded, reader.progress()]).toEqual([false, false, undefined]);
      for (let i = 0; i < 3; i++) {
        const record = pcapRecord(filler(60, i));
        writer.write(record.subarray(0, 20));
        await pause(10);
        expect(reader.next()).toBe(false);
        writer.write(record.subarray(20));
        expect(await reader.advance()).toBe(true);
        expect(reader.packet()).toEqual(filler(60, i));
      }
      writer.end();
      expect(await reader.advance()).toBe(false);
      reader.close();
    });
  });
});
