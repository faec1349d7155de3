import { describe, expect, it } from 'vitest';
import { capture, createCapture, discard, file, openCapture, openPipeline } from '../../src/index.ts';
import { tcpFrame, udpFrame } from '../../src/testing/index.ts';
import { inFolder } from '../capture/support/folder.ts';
import { patternOf, segmentsOf, superOf } from './support/supers.ts';

/** As `tcpdump` captures it on a device with offloads: whole, its checksum unfinished. */
const captured = (bytes: number, identification: number): Uint8Array =>
  superOf(patternOf(bytes), 1460, identification).slice(12);

async function written(path: string, frames: readonly Uint8Array[]): Promise<string> {
  const writer = createCapture(path, { interfaces: [{ name: 'lan0', linkType: 1 }] });
  frames.forEach((frame, i) => writer.write(frame, { timeNs: BigInt(i) * 1_000_000n }));
  await writer.close();
  return path;
}

async function framesOf(path: string): Promise<Uint8Array[]> {
  using reader = await openCapture(path);
  const frames = [];
  while (await reader.advance()) frames.push(Uint8Array.from(reader.packet()));
  return frames;
}

describe('super-packets of a file', () => {
  it('are cut again where an MTU is given, and nothing else is touched', async () => {
    await inFolder(async (folder) => {
      const shorts = [tcpFrame({ payload: patternOf(1460) }), udpFrame({ payload: patternOf(3000) })];
      const six = { sourceAddress: 'fd00::1', destinationAddress: 'fd00::2' };
      const frames = [
        captured(1461, 7),
        ...shorts,
        captured(64_000, 9),
        tcpFrame({ ...six, payload: patternOf(4000) }),
      ];
      const path = await written(`${folder}/in.pcapng`, frames);
      const [out, record] = [`${folder}/out.pcapng`, `${folder}/record.pcapng`];
      const line = await openPipeline({
        ports: { in: file(path, { mtu: 1500 }), out: capture(out, { superPackets: 'segments' }) },
        routes: { in: 'out' },
        record: capture(record),
      });
      const summary = await line.run();
      expect(summary.read + summary.made).toBe(summary.forwarded);
      const wanted = [
        ...segmentsOf(patternOf(1461), 1460, 7),
        ...shorts,
        ...segmentsOf(patternOf(64_000), 1460, 9),
        ...[0, 1440, 2880].map((at) =>
          tcpFrame({ ...six, payload: patternOf(4000).slice(at, at + 1440), sequence: at }),
        ),
      ];
      expect(await framesOf(out)).toEqual(wanted);
      expect(await framesOf(record)).toEqual(frames);
    });
  });

  it('stay as they are without one, also where segments are asked for', async () => {
    await inFolder(async (folder) => {
      const frames = [captured(5000, 1)];
      const path = await written(`${folder}/in.pcapng`, frames);
      const out = capture(`${folder}/out.pcapng`, { superPackets: 'segments' });
      const line = await openPipeline({ ports: { in: file(path), out }, routes: { in: 'out' } });
      await line.run();
      expect(await framesOf(`${folder}/out.pcapng`)).toEqual(frames);
    });
  });

  it.each([575, 65_536, 1500.5, Number.NaN, '1500'])('refuses an MTU of %s', (mtu) => {
    expect(() => file('x', { mtu: mtu as number })).toThrow(RangeError);
  });

  it('are left alone where there is no room for any payload, or bytes are missing', async () => {
    await inFolder(async (folder) => {
      // The IP length says 3,040 bytes, of which 2,000 were captured.
      const short = captured(3000, 1).slice(0, 2014);
      const path = await written(`${folder}/in.pcapng`, [short]);
      const line = await openPipeline({
        ports: { in: file(path, { mtu: 576 }), out: discard() },
        routes: { in: 'out' },
      });
      expect(await line.run()).toMatchObject({ read: 1, made: 0, lost: 0 });
    });
  });
});
