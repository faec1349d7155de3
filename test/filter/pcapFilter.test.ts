import { describe, expect, it } from 'vitest';
import { defineFilter } from '../../src/filter/define.ts';
import { pcapFilter, pcapGuard } from '../../src/filter/pcapFilter.ts';
import { ExpressionError } from '../../src/pcap/expressionError.ts';
import type { ChainItem } from '../../src/filter/guarded.ts';
import type { Line } from '../../src/pipeline/line.ts';
import { openPipeline } from '../../src/pipeline/open.ts';
import { type Queue, queue } from '../../src/pipeline/queue.ts';
import { openTrial, tcpFrame, tryFilter, udpFrame } from '../../src/testing/index.ts';

const dns = udpFrame({ destinationPort: 53 });
const web = tcpFrame({ destinationPort: 80 });

async function verdicts(filter: Parameters<typeof tryFilter>[0], options = {}): Promise<unknown[]> {
  return (await tryFilter(filter, [dns, web], options)).map(({ verdict, reason }) =>
    reason === undefined ? verdict : `${verdict} ${reason}`,
  );
}

describe('pcapFilter', () => {
  it('forwards what matches', async () => {
    expect(await verdicts(pcapFilter('udp port 53'))).toEqual(['continue', 'drop no-match']);
    expect(await verdicts(pcapFilter('udp port 53', { onMatch: 'continue' }))).toEqual(['continue', 'drop no-match']);
    expect(await verdicts(pcapFilter(''))).toEqual(['continue', 'continue']);
  });

  it('accepts or drops what matches', async () => {
    expect(await verdicts(pcapFilter('udp port 53', { onMatch: 'accept' }))).toEqual(['accept', 'continue']);
    expect(await verdicts(pcapFilter('udp port 53', { onMatch: 'drop' }))).toEqual(['drop match', 'continue']);
  });

  it('runs programs that others compiled', async () => {
    const program = '4\n48 0 0 23\n21 0 1 17\n6 0 0 262144\n6 0 0 0\n';
    expect(await verdicts(pcapFilter({ program }))).toEqual(['continue', 'drop no-match']);
    await expect(verdicts(pcapFilter({ program }), { link: 'ip' })).rejects.toThrow('made for ethernet');
  });

  it('is compiled for what the line carries', async () => {
    const [frame] = [dns.subarray(14)];
    expect((await tryFilter(pcapFilter('udp port 53'), [frame], { link: 'ip' }))[0]?.verdict).toBe('continue');
    await expect(tryFilter(pcapFilter('vlan'), [frame], { link: 'ip' })).rejects.toThrow('no vlan on raw IP');
  });

  it('judges each port of a mixed line by its own program', async () => {
    const ports = { lan: queue(), wan: queue({ link: 'ip' }) };
    const line = await openPipeline({ ports, routes: {}, filters: [pcapFilter('ip[9] = 17 and udp dst port 53')] });
    const ended = line.run();
    await ports.lan.send(dns);
    await ports.lan.send(web);
    await ports.wan.send(dns.subarray(14));
    await ports.wan.send(web.subarray(14));
    await settled(line, 4);
    await line.close();
    await ended;
    expect(line.summary().filters[0]).toMatchObject({ packets: 4, dropped: 2, reasons: { 'no-match': 2 } });
  });

  it('sees a queue as outside', async () => {
    expect(await verdicts(pcapFilter('inbound'))).toEqual(['continue', 'continue']);
    expect(await verdicts(pcapFilter('outbound or ifindex 1'))).toEqual(['drop no-match', 'drop no-match']);
    expect(await verdicts(pcapFilter('ifindex 0'))).toEqual(['continue', 'continue']);
  });

  it('checks its arguments at once', () => {
    expect(() => pcapFilter('prot 80')).toThrow(ExpressionError);
    expect(() => pcapFilter('tcp', { onMatch: 'pass' as never })).toThrow("'continue', 'accept' or 'drop'");
    expect(() => pcapFilter('tcp', { onmatch: 'drop' } as never)).toThrow("did you mean 'onMatch'?");
    expect(() => pcapFilter(5 as never)).toThrow(TypeError);
    const foreign = { program: '1\n6 0 0 1', link: 'sll' };
    expect(() => pcapFilter(foreign as never)).toThrow("'ethernet' or 'raw'");
    expect(() => pcapFilter({ program: '1\n7 0 0 1' })).toThrow('no return');
  });

  it('cannot be configured', async () => {
    const trial = await openTrial(pcapFilter('tcp'));
    expect(() => {
      trial.configure({ expression: 'udp' });
    }).toThrow("has no field 'expression'");
    await trial.close();
  });
});

/** Waits until a line has judged so many packets. */
async function settled(line: Line, count: number): Promise<void> {
  for (let round = 0; round < 200 && line.summary().read < count; round++)
    await new Promise((done) => setTimeout(done, 5));
  await new Promise((done) => setTimeout(done, 5));
}

/** Sends frames through a line, and returns those that arrive, in order. */
async function pass(filters: readonly ChainItem[], frames: readonly Uint8Array[]) {
  const ports: { a: Queue; b: Queue } = { a: queue(), b: queue() };
  const line = await openPipeline({ ports, filters });
  const ended = line.run();
  for (const frame of frames) await ports.a.send(frame);
  await settled(line, frames.length);
  const arrived: Buffer[] = [];
  for (let batch = ports.b.tryReceive(); batch !== null; batch = ports.b.tryReceive()) {
    for (let i = 0; i < batch.length; i++) arrived.push(Buffer.from(batch.frame(i)));
  }
  await line.close();
  return { arrived, summary: await ended };
}

describe('guards', () => {
  const seen = defineFilter({
    name: 'seen',
    counters: ['seen'],
    filter(packet, { counters }) {
      counters.seen++;
      packet.ttl = 9;
    },
  });

  it('show a filter only what matches, and keep the order', async () => {
    const frames = Array.from({ length: 200 }, (_, i) =>
      (i % 3 === 0 ? udpFrame : tcpFrame)({ destinationPort: 53, identification: i }),
    );
    const { arrived, summary } = await pass([{ when: 'udp port 53', filter: seen }], frames);
    expect(arrived.map((frame) => frame.readUInt16BE(18))).toEqual(frames.map((_, i) => i));
    expect(arrived.map((frame) => frame.readUInt8(22) === 9)).toEqual(frames.map((_, i) => i % 3 === 0));
    expect(summary.filters[0]).toMatchObject({ packets: 67, modified: 67, counters: { seen: 67 } });
  });

  it('let drops of the filter be drops, and later filters see the rest', async () => {
    const frames = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? dns : web));
    const later = pcapFilter('', { name: 'later' });
    const { arrived, summary } = await pass(
      [{ when: 'udp', filter: { name: 'sink', filter: (packet) => packet.drop() } }, later],
      frames,
    );
    expect(arrived.length).toBe(50);
    expect(summary.filters.map(({ packets }) => packets)).toEqual([50, 50]);
  });

  it.each([
    ['udp', 30],
    ['tcp', 0],
    ['', 30],
    ['less 0', 0],
  ])('%j: all or nothing', async (when, count) => {
    const { arrived, summary } = await pass(
      [{ when, filter: seen }],
      Array.from({ length: 30 }, () => dns),
    );
    expect(arrived.length).toBe(30);
    expect(summary.filters[0]?.packets).toBe(count);
  });

  it('stand before mirrors and compiled filters', async () => {
    const { arrived } = await pass(
      [{ when: 'udp', filter: pcapFilter('port 99') }],
      [dns, web, udpFrame({ destinationPort: 99 })],
    );
    expect(arrived.length).toBe(2);
  });

  it('are changed with their filter', async () => {
    const ports = { a: queue(), b: queue() };
    const line = await openPipeline({ ports, filters: [{ when: 'udp', filter: seen }] });
    expect(line.filters.replace('seen', { when: pcapGuard('tcp'), filter: seen })).toBe('seen');
    expect(() => line.filters.add({ when: 'prot', filter: seen })).toThrow(ExpressionError);
    expect(line.filters.names).toEqual(['seen']);
    await line.close();
  });

  it('are checked', async () => {
    const open = (item: unknown) => openPipeline({ ports: [queue()], filters: [item as never] });
    await expect(open({ when: 5, filter: seen })).rejects.toThrow('Expected when to be a pcap expression');
    await expect(open({ when: 'tcp' })).rejects.toThrow('as a filter');
    await expect(open({ name: 'x', when: 'tcp', filter: () => undefined })).rejects.toThrow('put it beside');
    await expect(open({ when: 'ether broadcast', filter: seen }))
      .resolves.toMatchObject({})
      .then(() => undefined);
    expect(() => defineFilter({ name: 'x', when: 'tcp', filter: () => undefined } as never)).toThrow('put it beside');
  });
});
