import { describe, expect, it, vi } from 'vitest';
import { type FilterLike, type Packet, capture, openCapture, queue } from '../../src/index.ts';
import { tcpFrame, udpFrame } from '../../src/testing/index.ts';
import { inFolder } from '../capture/support/folder.ts';
import { settled, started } from './support/lines.ts';
import { patternOf, segmentsOf, superOf } from './support/supers.ts';
import { VirtioFrame } from './support/virtio.ts';

const source = () => queue({ virtioHeader: true, offloads: 'all' });
const plain = () => queue({ frameBytes: 2000 });
const ordinary = (frame: Uint8Array): Uint8Array => Uint8Array.from([...new Uint8Array(12), ...frame]);

describe('captures of a line that cuts', () => {
  it('get segments where they ask for them, by mirror and by route, with their own lengths and time', async () => {
    await inFolder(async (folder) => {
      const [a, b] = [source(), source()];
      const [whole, cut, routed] = ['whole', 'cut', 'routed'].map((name) => `${folder}/${name}.pcapng`) as [
        string,
        string,
        string,
      ];
      const both: FilterLike[] = [mirrorTo('whole'), mirrorTo('cut')];
      const ports = {
        a,
        b,
        whole: capture(whole),
        cut: capture(cut, { superPackets: 'segments' }),
        routed: capture(routed, { superPackets: 'segments' }),
      };
      await using run = await started({ ports, routes: { a: 'routed', b: 'b' }, filters: both });
      const payload = patternOf(2500);
      await a.send(superOf(payload, 1000));
      await settled(run.line, 1, b);
      await run.stop();
      const segments = segmentsOf(payload, 1000);
      expect((await recordsOf(whole)).map(({ data }) => data.length)).toEqual([2554]);
      for (const path of [cut, routed]) {
        const records = await recordsOf(path);
        expect(records.map(({ data }) => data)).toEqual(segments);
        expect(records.map(({ wireLength }) => wireLength)).toEqual(segments.map(({ length }) => length));
      }
    });
  });

  it('of all that comes in show the super-packet, and what became of the first segment that was dropped', async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/record.pcapng`;
      const [a, b] = [source(), plain()];
      const picky: FilterLike = {
        name: 'picky',
        superPackets: 'segments',
        reasons: ['second', 'last'],
        filter(packet: Packet<'second' | 'last'>) {
          if (packet.identification === 11) return packet.drop('second');
          return packet.identification === 22 ? packet.drop('last') : undefined;
        },
      };
      await using run = await started({ ports: { a, b }, filters: [picky], record: capture(path) });
      for (const identification of [10, 20, 30]) await a.send(superOf(patternOf(2500), 1000, identification));
      await a.send(ordinary(udpFrame({ identification: 11 })));
      expect(await settled(run.line, 4, b)).toMatchObject({ dropped: 3, forwarded: 7 });
      await run.stop();
      const records = await recordsOf(path);
      expect(records.map(({ data }) => data.length)).toEqual([2554, 2554, 2554, udpFrame().length]);
      expect(records.map(({ comment }) => comment)).toEqual(['drop: second', 'drop: last', '', 'drop: second']);
    });
  });

  it('of all that comes in have the segments, as the super-packet came in, where they are asked for', async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/record.pcapng`;
      const [a, b] = [source(), plain()];
      const edit: FilterLike = {
        name: 'edit',
        filter(packet: Packet) {
          packet.ttl = 1;
          return packet.identification === 2 ? packet.drop() : undefined;
        },
      };
      const record = capture(path, { superPackets: 'segments' });
      await using run = await started({ ports: { a, b }, filters: [edit], record });
      const [first, second] = [patternOf(2500), patternOf(1001, 3)];
      await a.send(superOf(first, 1000, 1));
      await a.send(ordinary(udpFrame({ identification: 11 })));
      await a.send(superOf(second, 1000, 2));
      await a.send(VirtioFrame.partial(tcpFrame({ payload: 'odd' })));
      await settled(run.line, 4, b);
      await run.stop();
      const records = await recordsOf(path);
      const wanted = [
        ...segmentsOf(first, 1000, 1),
        udpFrame({ identification: 11 }),
        ...segmentsOf(second, 1000, 2),
        tcpFrame({ payload: 'odd' }),
      ];
      expect(records.map(({ data }) => data)).toEqual(wanted);
      expect(records.map(({ wireLength }) => wireLength)).toEqual(wanted.map(({ length }) => length));
      const comments = records.map(({ comment }) => comment);
      expect(comments).toEqual(['', '', '', '', 'drop: unspecified', 'drop: unspecified', '']);
    });
  });

  it('of all that comes in have a super-packet whole that cannot be cut, or into too many', async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/record.pcapng`;
      const [a, b] = [source(), plain()];
      await using run = await started({
        ports: { a, b },
        record: capture(path, { superPackets: 'segments' }),
      });
      // 2,049 segments, 2,048, and one whose virtio header leaves no checksum to be completed.
      const lying = superOf(patternOf(100), 50);
      lying[0] = 0;
      await a.send(superOf(patternOf(2049), 1));
      await a.send(superOf(patternOf(2048), 1));
      await a.send(lying);
      await vi.waitFor(() => {
        expect(run.line.summary().read).toBe(3);
      });
      await run.stop();
      const lengths = (await recordsOf(path)).map(({ data }) => data.length);
      expect(lengths).toEqual([54 + 2049, ...new Array<number>(2048).fill(55), 54 + 100]);
    });
  });

  it('are asked for by name', () => {
    expect(() => capture('x', { superPackets: 'cut' as never })).toThrow(TypeError);
  });
});

function mirrorTo(port: string): FilterLike {
  return {
    name: `mirror-${port}`,
    filter(packet: Packet) {
      packet.mirror(port);
    },
  };
}

async function recordsOf(path: string): Promise<{ data: Uint8Array; wireLength: number; comment: string }[]> {
  using reader = await openCapture(path);
  const records = [];
  while (await reader.advance()) {
    const { wireLength } = reader;
    records.push({ data: Uint8Array.from(reader.packet()), wireLength, comment: reader.comments().join() });
  }
  return records;
}
