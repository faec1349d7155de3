import { describe, expect, expectTypeOf, it } from 'vitest';
import { type FilterContext, type Packet, Verdict, defineFilter } from '../../src/index.ts';
import { type TriedPacket, arpFrame, openTrial, tcpFrame, tryFilter, udpFrame } from '../../src/testing/index.ts';

const dropPort = defineFilter({
  name: 'drop-port',
  config: { port: { type: 'u16', default: 23 } },
  counters: ['seen'],
  reasons: ['telnet'],
  filter(packet, { config, counters }) {
    counters.seen++;
    return packet.isTcp && packet.destinationPort === config.port ? packet.drop('telnet') : undefined;
  },
});
const telnet = tcpFrame({ destinationPort: 23 });
const other = udpFrame();

/** What a filter made of one frame. */
async function one(judge: (packet: Packet) => unknown, frame: Uint8Array = other, options = {}): Promise<TriedPacket> {
  const [tried] = await tryFilter(
    { name: 'one', filter: (packet: Packet) => judge(packet) as undefined },
    [frame],
    options,
  );
  if (tried === undefined) throw new Error('One frame has one fate');
  return tried;
}

describe('tryFilter', () => {
  it('says of each frame what became of it, and nothing that does not apply', async () => {
    expect(await tryFilter(dropPort, [telnet])).toEqual([{ verdict: 'drop', reason: 'telnet' }]);
    expect(await tryFilter(dropPort, [other, telnet, other])).toStrictEqual([
      { verdict: 'continue', port: 'out', bytes: other },
      { verdict: 'drop', reason: 'telnet' },
      { verdict: 'continue', port: 'out', bytes: other },
    ]);
    expect(await tryFilter(dropPort, [])).toEqual([]);
  });

  it('tells the verdicts apart', async () => {
    const fates = await Promise.all([
      one(() => Verdict.Continue),
      one((packet) => packet.accept()),
      one((packet) => packet.reflect()),
      one((packet) => packet.redirect('in')),
      one((packet) => packet.drop()),
    ]);
    expect(fates).toEqual([
      { verdict: 'continue', port: 'out', bytes: other },
      { verdict: 'accept', port: 'out', bytes: other },
      { verdict: 'reflect', port: 'in', bytes: other },
      { verdict: 'redirect', port: 'in', bytes: other },
      { verdict: 'drop', reason: 'unspecified' },
    ]);
  });

  it('shows the frame as it left', async () => {
    const tried = await one((packet) => {
      packet.ttl = 1;
      packet.destinationAddress = '10.0.0.9';
    });
    expect(tried.bytes).toEqual(udpFrame({ ttl: 1, destinationAddress: '10.0.0.9' }));
  });

  it('shows copies apart from the packet, also on one port', async () => {
    const copies = { ports: ['copy'] };
    const bytes = other;
    const mirrorTo = (port: string) => (packet: Packet) => {
      packet.mirror(port);
    };
    expect(await one(mirrorTo('copy'), other, copies)).toEqual({
      verdict: 'continue',
      port: 'out',
      bytes,
      mirrored: [{ port: 'copy', bytes }],
    });
    expect(await one(mirrorTo('out'))).toEqual({
      verdict: 'continue',
      port: 'out',
      bytes,
      mirrored: [{ port: 'out', bytes }],
    });
    expect(await one(mirrorTo('in'))).toEqual({
      verdict: 'continue',
      port: 'out',
      bytes,
      mirrored: [{ port: 'in', bytes }],
    });
  });

  it('shows what the line refused, fields that were not there, and what was thrown', async () => {
    expect(await one((packet) => packet.redirect(40))).toEqual({ verdict: 'drop', reason: 'badPort' });
    expect(await one((packet) => void packet.push(500))).toEqual({ verdict: 'drop', reason: 'noHeadroom' });
    expect(await one((packet) => (packet.tcpFlags === 0 ? undefined : packet.drop()), arpFrame())).toMatchObject({
      verdict: 'continue',
      short: true,
    });
    const error = new Error('oh');
    expect(
      await one(() => {
        throw error;
      }),
    ).toEqual({ verdict: 'drop', reason: 'filterError', error });
  });

  it('takes a configuration, for each kind of filter', async () => {
    const plain = {
      name: 'plain',
      config: { port: { type: 'u16' } } as const,
      filter: (packet: Packet, { config }: FilterContext<{ port: { type: 'u16' } }>) =>
        packet.destinationPort === config.port ? packet.drop() : undefined,
    };
    const dropped = { verdict: 'drop' };
    expect(await tryFilter(dropPort, [tcpFrame({ destinationPort: 99 })], { config: { port: 99 } })).toMatchObject([
      dropped,
    ]);
    expect(
      await tryFilter(dropPort({ port: 5 }), [tcpFrame({ destinationPort: 99 })], { config: { port: 99 } }),
    ).toMatchObject([dropped]);
    expect(await tryFilter(plain, [tcpFrame({ destinationPort: 99 })], { config: { port: 99 } })).toMatchObject([
      dropped,
    ]);
    await expect(tryFilter(plain, [])).rejects.toThrow("field 'port' must be given");
    await expect(tryFilter(dropPort, [], { config: { port: -1 } })).rejects.toThrow(RangeError);
    expectTypeOf(tryFilter<typeof dropPort>)
      .parameter(2)
      .toExtend<{ config?: { port?: number } } | undefined>();
    const misuse = (): unknown => [
      // @ts-expect-error: the configuration has the types of the filter
      tryFilter(dropPort, [], { config: { port: '99' } }),
    ];
    expect(misuse).toBeTypeOf('function');
  });

  it('carries IP packets without a link header, and virtio headers', async () => {
    const packet = udpFrame({ link: 'ip' });
    expect(await tryFilter(dropPort, [packet], { link: 'ip' })).toEqual([
      { verdict: 'continue', port: 'out', bytes: packet },
    ]);
    const withHeader = Uint8Array.from([...new Uint8Array(12), ...other]);
    expect(await tryFilter(dropPort, [withHeader], { virtioHeader: true })).toMatchObject([{ bytes: withHeader }]);
  });

  it('refuses what the line would refuse', async () => {
    await expect(tryFilter(dropPort, [new Uint8Array(0)])).rejects.toThrow(RangeError);
    await expect(tryFilter({} as never, [])).rejects.toThrow(TypeError);
    await expect(tryFilter(dropPort, [], { prots: [] } as object)).rejects.toThrow(TypeError);
    await expect(openTrial(dropPort, { ports: ['a b'] })).rejects.toThrow(TypeError);
  });
});

describe('openTrial', () => {
  it('goes on with one filter: state, counters and configuration', async () => {
    await using trial = await openTrial(dropPort);
    expect((await trial.send(telnet)).verdict).toBe('drop');
    trial.configure({ port: 24 });
    expect((await trial.send(telnet)).verdict).toBe('continue');
    expect(trial.summary()).toMatchObject({ name: 'drop-port', packets: 2, dropped: 1, counters: { seen: 2 } });
  });

  it('sends from any port', async () => {
    const inPort = { name: 'where', filter: (packet: Packet) => (packet.inPort === 'in' ? undefined : packet.drop()) };
    await using trial = await openTrial(inPort, { ports: ['third'] });
    expect(await trial.send(other)).toMatchObject({ verdict: 'continue', port: 'out' });
    expect(await trial.send(other, { from: 'out' })).toMatchObject({ verdict: 'drop' });
    expect(await trial.send(other, { from: 'third' })).toMatchObject({ verdict: 'drop' });
    await expect(trial.send(other, { from: 'fourth' })).rejects.toThrow("no port 'fourth'");
  });

  it('runs thousands of frames', async () => {
    await using trial = await openTrial(dropPort);
    for (let i = 0; i < 2000; i++) await trial.send(i % 2 === 0 ? telnet : other);
    expect(trial.summary()).toMatchObject({ packets: 2000, dropped: 1000 });
  });

  it('is over when it is closed', async () => {
    const trial = await openTrial(dropPort);
    await trial.close();
    await trial.close();
    await expect(trial.send(other)).rejects.toMatchObject({ code: 'LINE_CLOSED' });
  });
});
