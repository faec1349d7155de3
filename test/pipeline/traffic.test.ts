import { describe, expect, it } from 'vitest';
import { VirtioFrame } from './support/virtio.ts';
import { type Packet, queue } from '../../src/index.ts';
import { arpFrame, icmpFrame, tcpFrame, tryFilter, udpFrame } from '../../src/testing/index.ts';
import { drain, settled, started, take, until } from './support/lines.ts';

const frames = [udpFrame(), tcpFrame({ payload: 'abc' }), arpFrame(), icmpFrame({ destinationAddress: 'fd00::7' })];

describe('a line', () => {
  it('bridges two ports, and changes nothing', async () => {
    const [a, b] = [queue(), queue()];
    await using run = await started({ ports: { a, b } });
    for (const frame of frames) await a.send(frame);
    expect(await take(b, frames.length)).toEqual(frames);
    for (const frame of frames) await b.send(frame);
    expect(await take(a, frames.length)).toEqual(frames);
    const bytes = frames.reduce((sum, { length }) => sum + length, 0);
    const summary = await settled(run.line, 2 * frames.length);
    const counts = { read: 4, readBytes: bytes, forwarded: 4, forwardedBytes: bytes, lost: 0, mirrored: 0 };
    const port = { ...counts, kernelDropped: 0, refusedOffloads: [] };
    expect(summary.ports).toEqual({ a: port, b: port });
  });

  it('with one port drops what has no route, and sends back what a filter reflects', async () => {
    const a = queue();
    const filter = { name: 'answer', filter: (packet: Packet) => (packet.isArp ? packet.reflect() : undefined) };
    await using run = await started({ ports: { a }, filters: [filter] });
    for (const frame of frames) await a.send(frame);
    expect(await take(a, 1)).toEqual([arpFrame()]);
    expect(await settled(run.line, 4, a)).toMatchObject({ forwarded: 1, dropped: 3, reasons: { noRoute: 3 } });
  });

  it('routes each port on its own, to itself too', async () => {
    const [a, b, c] = [queue(), queue(), queue()];
    await using run = await started({ ports: { a, b, c }, routes: { a: 'c', b: 'b' } });
    for (const from of [a, b, c]) await from.send(udpFrame());
    await take(c, 1);
    await take(b, 1);
    expect(await settled(run.line, 3, a)).toMatchObject({ forwarded: 2, reasons: { noRoute: 1 } });
  });

  it('drops what is redirected to a bad port, to the other kind of link, or is too short for it', async () => {
    const [a, b] = [queue(), queue({ link: 'ip' })];
    const filter = {
      name: 'redirect',
      filter(packet: Packet) {
        if (packet.isArp) return packet.redirect('b');
        if (packet.isTcp) return packet.redirect(62);
        if (packet.isUdp) return packet.redirect(257);
        return packet.redirect('a');
      },
    };
    await using run = await started({ ports: { a, b }, routes: {}, filters: [filter] });
    for (const frame of [...frames, new Uint8Array(13)]) await a.send(frame);
    expect(await take(a, 1)).toEqual([frames[3]]);
    const { reasons, filters } = await settled(run.line, 5, a, b);
    expect(reasons).toEqual({ badPort: 2, wrongLink: 1, runt: 1 });
    expect(filters[0]).toMatchObject({ redirected: 5, dropped: 0 });
  });

  it('stops the chain at the first verdict but continue', async () => {
    const seen: string[] = [];
    const filter = (name: string, judge: (packet: Packet) => unknown) => ({
      name,
      filter(packet: Packet) {
        seen.push(`${name} ${packet.protocol}`);
        return judge(packet) as undefined;
      },
    });
    const filters = [
      filter('one', (packet) => (packet.isTcp ? packet.accept() : undefined)),
      filter('two', (packet) => (packet.isUdp ? packet.reflect() : undefined)),
      filter('three', (packet) => packet.drop()),
    ];
    const [a, b] = [queue(), queue()];
    await using run = await started({ ports: { a, b }, filters });
    await a.send(tcpFrame());
    await take(b, 1);
    await a.send(udpFrame());
    await take(a, 1);
    await a.send(icmpFrame());
    const summary = await settled(run.line, 3, a, b);
    expect(seen).toEqual(['one 6', 'one 17', 'two 17', 'one 1', 'two 1', 'three 1']);
    expect(
      summary.filters.map(({ packets, accepted, reflected, dropped }) => [packets, accepted, reflected, dropped]),
    ).toEqual([
      [3, 1, 0, 0],
      [2, 0, 1, 0],
      [1, 0, 0, 1],
    ]);
    expect(summary.reasons).toEqual({ unspecified: 1 });
  });

  it('hands edits and marks on to the filters behind', async () => {
    const filters = [
      {
        name: 'tag',
        filter(packet: Packet) {
          packet.mark = 7;
          packet.ttl = 1;
          packet.push(4);
          for (let at = 0; at < 12; at++) packet.setU8(at, packet.u8(at + 4));
          packet.setU32(12, 0x8100_0064);
        },
      },
      {
        name: 'check',
        filter: (packet: Packet) =>
          packet.mark === 7 && packet.vlanId === 100 && packet.ttl === 1 ? undefined : packet.drop(),
      },
    ];
    const [a, b] = [queue(), queue()];
    await using run = await started({ ports: { a, b }, filters });
    await a.send(udpFrame());
    expect(await take(b, 1)).toEqual([udpFrame({ vlanId: 100, ttl: 1 })]);
    await run.stop();
  });

  it('keeps order, over many batches', async () => {
    const [a, b] = [queue(), queue()];
    await using run = await started({ ports: { a, b } });
    const sent = Array.from({ length: 3000 }, (_, i) => udpFrame({ identification: i, payload: 'x'.repeat(i % 50) }));
    const sending = Promise.all(sent.map(async (frame) => a.send(frame)));
    expect(await take(b, sent.length)).toEqual(sent);
    await sending;
    expect((await settled(run.line, 3000)).forwarded).toBe(3000);
  });

  it('completes checksums for a port without offloads, and drops what has an impossible virtio header', async () => {
    const [a, b] = [queue({ virtioHeader: true, offloads: 'all', frameBytes: 2000 }), queue()];
    await using run = await started({ ports: { a, b } });
    const whole = tcpFrame({ payload: 'some text' });
    await a.send(VirtioFrame.partial(whole));
    expect(await take(b, 1)).toEqual([whole]);
    await a.send(VirtioFrame.partial(whole, { gsoType: 1, gsoSize: 4, csumStart: 30 }));
    await a.send(new Uint8Array(11));
    const { reasons, ports } = await settled(run.line, 3, a, b);
    expect(reasons).toEqual({ badOffload: 2 });
    expect(ports['a']).toMatchObject({ read: 3, readBytes: 2 * whole.length });
  });

  it('forwards super-packets as they are to a port that takes them, with a header of its own', async () => {
    const options = { virtioHeader: true, offloads: 'all', frameBytes: 2000 } as const;
    const [a, b] = [queue(options), queue(options)];
    await using run = await started({ ports: { a, b } });
    const packet = VirtioFrame.partial(tcpFrame({ payload: 'some text' }), { gsoType: 1, gsoSize: 4 });
    // What the line does not know it does not forward: hdr_len and num_buffers are its own.
    packet.set([0xff, 0xff], 2);
    packet.set([0xff, 0xff], 10);
    await a.send(packet);
    const [out] = await take(b, 1);
    const wanted = packet.slice();
    wanted.set([54, 0], 2);
    wanted.set([0, 0], 10);
    expect([...(out ?? [])]).toEqual([...wanted]);
    await run.stop();
  });
});

function mirrorTo(port: string | number) {
  return {
    name: 'mirror',
    filter(packet: Packet) {
      packet.mirror(port);
    },
  };
}

describe('a mirror', () => {
  const mirror = mirrorTo('copy');
  const ports = () => ({ a: queue(), b: queue(), copy: queue() });
  const routes = { a: 'b', b: 'a' };

  it('copies the packet as it is when its filter returns, before later edits', async () => {
    const line = ports();
    const setTtl = (ttl: number) => ({
      name: 'ttl',
      filter(packet: Packet) {
        packet.ttl = ttl;
      },
    });
    const both = {
      name: 'both',
      filter(packet: Packet) {
        packet.mirror('copy');
        packet.ttl = 11;
      },
    };
    const filters = [setTtl(10), both, setTtl(12)];
    await using run = await started({ ports: line, routes, filters });
    await line.a.send(udpFrame());
    expect(await take(line.copy, 1)).toEqual([udpFrame({ ttl: 11 })]);
    expect(await take(line.b, 1)).toEqual([udpFrame({ ttl: 12 })]);
    const summary = await settled(run.line, 1);
    expect(summary).toMatchObject({ forwarded: 1, mirrored: 1, mirrorsLost: 0 });
    expect(summary.ports['copy']).toMatchObject({ mirrored: 1, forwarded: 0 });
  });

  it('copies what its filter drops', async () => {
    const filter = {
      name: 'drop',
      filter(packet: Packet) {
        packet.ttl = 5;
        packet.mirror('copy');
        return packet.drop();
      },
    };
    const fates = await tryFilter(filter, [udpFrame()], { ports: ['copy'] });
    expect(fates).toEqual([
      { verdict: 'drop', reason: 'unspecified', mirrored: [{ port: 'copy', bytes: udpFrame({ ttl: 5 }) }] },
    ]);
  });

  it('may copy once in each filter', async () => {
    const line = ports();
    await using run = await started({ ports: line, routes, filters: [mirror, mirror, mirror] });
    await line.a.send(udpFrame());
    expect(await take(line.copy, 3)).toEqual(Array(3).fill(udpFrame()));
    await take(line.b, 1);
    expect(await settled(run.line, 1)).toMatchObject({ mirrored: 3, forwarded: 1 });
  });

  it('is lost where it cannot be sent, and the packet goes on', async () => {
    const line = { ...ports(), tun: queue({ link: 'ip' }) };
    await using run = await started({ ports: line, routes, filters: [mirrorTo(50), mirrorTo(-1), mirrorTo(3)] });
    await line.a.send(udpFrame());
    await take(line.b, 1);
    expect(await settled(run.line, 1, line.tun)).toMatchObject({ mirrored: 0, mirrorsLost: 3, forwarded: 1 });
  });

  it('is lost when nobody takes the copies, and the packets go on', async () => {
    const line = ports();
    await using run = await started({ ports: line, routes, filters: [mirror] });
    for (let i = 0; i < 600; i++) {
      await line.a.send(udpFrame({ identification: i }));
      if (i % 100 === 99) await take(line.b, 100);
    }
    await until(() => run.line.summary().held === 0, 'the packets are forwarded');
    expect(run.line.summary()).toMatchObject({ read: 600, forwarded: 600, mirrorsLost: 600 - 256 });
    expect(await take(line.copy, 256)).toEqual(Array.from({ length: 256 }, (_, i) => udpFrame({ identification: i })));
    expect(await settled(run.line, 600, line.copy)).toMatchObject({ mirrored: 256 });
    expect(drain(line.copy)).toBe(0);
  });

  it('has its checksum completed for a port without offloads', async () => {
    const options = { virtioHeader: true, offloads: 'all', frameBytes: 2000 } as const;
    const line = { a: queue(options), b: queue(options), copy: queue() };
    await using run = await started({ ports: line, routes, filters: [mirror] });
    const whole = tcpFrame({ payload: 'some text' });
    await line.a.send(VirtioFrame.partial(whole));
    expect(await take(line.copy, 1)).toEqual([whole]);
    const [out] = await take(line.b, 1);
    expect([...(out ?? []).slice(12)]).toEqual([...VirtioFrame.partial(whole).slice(12)]);
    await run.stop();
  });
});
