import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCapture } from '../../src/capture/writer.ts';
import { openCapture } from '../../src/capture/reader.ts';
import { plannedCapture } from './support/arbitraries.ts';
import {
  block,
  filler,
  interfaceBlock,
  join,
  option,
  packetBlock,
  section,
  text,
  u16,
  u32,
  u64,
} from './support/build.ts';
import { inFolder } from './support/folder.ts';
import { capinfosCounts, isMissing, run, tsharkPackets, tsharkTime } from './support/tools.ts';

describe.skipIf(isMissing('tshark', 'capinfos', 'tcpdump'))('other tools', () => {
  it('read everything that is written, without a complaint', async () => {
    await inFolder(async (folder) => {
      const plans = fc.sample(plannedCapture, { numRuns: 12, seed: 3 });
      const paths = plans.map((_, i) => joinPath(folder, String(i)));
      for (const [i, { options, packets }] of plans.entries()) {
        const writer = createCapture(paths[i] ?? '', options);
        for (const { data, info } of packets) writer.write(data, info);
        await writer.close();
        // tcpdump reads pcapng files of a single link type only.
        const isMixed = new Set(options.interfaces.map(({ linkType }) => linkType)).size > 1;
        if (!isMixed) run('tcpdump', ['-n', '-r', paths[i] ?? '', '-w', joinPath(folder, 'copy')]);
      }
      expect(capinfosCounts(paths)).toEqual(plans.map(({ packets }) => packets.length));
    });
  });

  it('see what was said of each packet', async () => {
    await inFolder(async (folder) => {
      for (const byteOrder of ['little', 'big'] as const) {
        const path = joinPath(folder, `${byteOrder}.pcapng`);
        const interfaces = [
          { name: 'lan0', linkType: 1 },
          { name: 'tun0', linkType: 101 },
        ];
        const writer = createCapture(path, { byteOrder, interfaces, application: 'tapline 0.1.0' });
        const frame = Uint8Array.from({ length: 60 }, (_, i) => (i < 12 ? 2 : i === 12 ? 0x88 : i === 13 ? 0xb5 : i));
        const timeNs = 1_700_000_000_123_456_789n;
        writer.write(frame, { timeNs, direction: 'inbound', comment: 'drop: telnet' });
        writer.write(frame.subarray(0, 40), {
          timeNs: timeNs + 1n,
          wireLength: 60,
          direction: 'outbound',
          interface: 0,
        });
        writer.write(Uint8Array.of(0x45, 0, 0, 20, 0, 0, 0, 0, 64, 59), { interface: 1, timeNs: 0n, wireLength: 20 });
        await writer.close();
        const fields = ['cap_len', 'len', 'time_epoch', 'packet_flags_direction', 'comment', 'interface_name'];
        const output = run('tshark', [
          '-n',
          '-r',
          path,
          '-T',
          'fields',
          ...fields.flatMap((name) => ['-e', `frame.${name}`]),
        ]);
        expect(output.split('\n').map((line) => line.split('\t'))).toEqual([
          ['60', '60', '1700000000.123456789', '0x00000001', 'drop: telnet', 'lan0'],
          ['40', '60', '1700000000.123456790', '0x00000002', '', 'lan0'],
          ['10', '20', '0.000000000', '', '', 'tun0'],
          [''],
        ]);
        const about = run('capinfos', [path]);
        for (const wanted of [
          /File timestamp precision: {2}nanoseconds \(9\)/,
          /Capture application: +tapline 0\.1\.0/,
          /Encapsulation = Raw IP/,
          /Number of stat entries = 1/,
        ]) {
          expect(about).toMatch(wanted);
        }
      }
    });
  });

  it('read compressed captures as we do', async () => {
    await inFolder(async (folder) => {
      const path = joinPath(folder, 'a.pcapng.gz');
      const packets = Array.from({ length: 50 }, (_, i) => packetBlock(filler(60, i), { count: BigInt(i) }));
      writeFileSync(path, gzipSync(join(section(), interfaceBlock(), ...packets)));
      expect(await packetsOf(path)).toEqual(tsharkPackets(path));
    });
  });

  it('read what is rare as we do: units of time, offsets, old blocks, sections of two byte orders', async () => {
    await inFolder(async (folder) => {
      const parts = (['little', 'big'] as const).map((order) => {
        const units = (byte: number, ...more: Uint8Array[]): Uint8Array =>
          interfaceBlock({ order, options: [option(9, Uint8Array.of(byte), order), ...more] });
        const packet = (id: number, count: bigint): Uint8Array =>
          packetBlock(filler(20 + id), { order, interface: id, count, original: 100 });
        const now = 1_700_000_000n;
        return join(
          section(order),
          interfaceBlock({ order, snapLength: 40, options: [option(2, text('old'), order)] }),
          ...[0, 3, 6, 9, 0x80, 0x8a, 0x94].map((byte) => units(byte)),
          units(6, option(14, u64(now, order), order)),
          packet(1, now),
          packet(2, now * 1000n + 1n),
          packet(3, now * 1_000_000n + 1n),
          packet(4, now * 1_000_000_000n + 1n),
          packet(5, now),
          packet(6, now * 1024n + 3n),
          packet(7, now * 1_048_576n + 3n),
          packet(8, 5n),
          block(
            2,
            join(u16(0, order), u16(1, order), u32(0, order), u32(7, order), u32(8, order), u32(9, order), filler(8)),
            {
              order,
            },
          ),
          block(10, join(u32(0x544c534b, order), u32(4, order), text('key\n')), { order }),
        );
      });
      const path = joinPath(folder, 'rare.pcapng');
      writeFileSync(path, join(...parts));
      expect(await packetsOf(path)).toEqual(tsharkPackets(path));
    });
  });
});

async function packetsOf(path: string): Promise<ReturnType<typeof tsharkPackets>> {
  using reader = await openCapture(path);
  const packets = [];
  while (await reader.advance()) {
    packets.push({ length: reader.length, wireLength: reader.wireLength, time: tsharkTime(reader.timeNs) });
  }
  return packets;
}
