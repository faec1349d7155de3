import { describe, expect, it } from 'vitest';
import {
  type FilterFactory,
  type FilterLike,
  type Summary,
  defineFilter,
  openPipeline,
  queue,
} from '../../src/index.ts';
import { settled, socketDevice, until } from './support/lines.ts';

const frame = (): Uint8Array => new Uint8Array(60);

describe('a line and what it owns', () => {
  it('refuses a device that belongs to another line, and leaves that one alone', async () => {
    const { device, link, calls } = await socketDevice('lan0');
    const first = await openPipeline({ ports: { lan: device, out: queue() } });
    await expect(openPipeline({ ports: { again: device } })).rejects.toThrow('it belongs to the first');
    expect(calls).not.toContain('close');
    await first.close();
    expect(calls).toContain('close');
    link.close();
  });

  it('refuses a device that is closed', async () => {
    const { device, link } = await socketDevice('lan0');
    await expect(openPipeline({ ports: [{ ...device, isOpen: false }] })).rejects.toThrow('it is closed'.slice(6));
    link.close();
  });

  it('lets a queue be used again when its line could not be opened', async () => {
    const [a, b] = [queue(), queue()];
    const broken = { name: 'broken', config: { x: { type: 'u8' } }, filter: () => undefined } as const;
    await expect(openPipeline({ ports: { a, b }, filters: [broken] })).rejects.toThrow("field 'x' must be given");
    const line = await openPipeline({ ports: { a, b } });
    expect(a.trySend(frame())).toBe(true);
    await line.close();
  });

  it('rejects a send whose memory was given away while it waited, and goes on', async () => {
    const a = queue();
    const line = await openPipeline({ ports: { a }, filters: [{ name: 'sink', filter: (packet) => packet.drop() }] });
    while (a.trySend(frame()));
    const given = frame();
    const refused = expect(a.send(given)).rejects.toThrow(RangeError);
    const kept = a.send(frame());
    structuredClone(given.buffer, { transfer: [given.buffer] });
    const ended = line.run();
    await refused;
    await kept;
    await line.close();
    expect((await ended).held).toBe(0);
  });

  it('takes no further batch when a filter closes it', async () => {
    const [a, b] = [queue(), queue()];
    const line = await openPipeline({
      ports: { a, b },
      filters: [{ name: 'closer', filter: () => void line.close() }],
    });
    while (a.trySend(frame()));
    const { read } = await line.run();
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThanOrEqual(256);
  });

  it('adds up drops and losses of one name', async () => {
    const namesake = defineFilter({
      name: 'namesake',
      reasons: ['closed'],
      filter: (packet) => (packet.u8(20) === 1 ? packet.drop('closed') : undefined),
    });
    const { a, line, ended } = await begin(namesake);
    for (let i = 0; i < 10; i++) await a.send(frame().fill(i % 2, 20, 21));
    await until(() => line.summary().read === 10, 'ten packets came in');
    await line.close();
    const { dropped, lost, reasons } = await ended;
    expect({ dropped, lost, reasons }).toEqual({ dropped: 5, lost: 5, reasons: { closed: 10 } });
  });

  it('refuses what is no signal, and can still be run', async () => {
    const line = await openPipeline({ ports: [queue()] });
    await expect(line.run({ signal: 'soon' as never })).rejects.toThrow('signal must be an AbortSignal');
    const ended = line.run();
    await line.close();
    await expect(ended).resolves.toMatchObject({ read: 0 });
  });

  it('counts a filter that counts under a name it did not declare as failed', async () => {
    const typo = {
      name: 'typo',
      filter(_: unknown, { counters }: { counters: Record<string, number> }) {
        counters['sene'] = 1;
      },
    };
    const { a, line, ended } = await begin(typo);
    await a.send(frame());
    await settled(line, 1);
    await line.close();
    expect((await ended).filters[0]).toMatchObject({ failed: 1, counters: {} });
  });
});

async function begin(filter: FilterLike | FilterFactory): Promise<{
  a: ReturnType<typeof queue>;
  line: Awaited<ReturnType<typeof openPipeline>>;
  ended: Promise<Summary>;
}> {
  const [a, b] = [queue(), queue()];
  const line = await openPipeline({ ports: { a, b }, filters: [filter], log: () => undefined });
  return { a, line, ended: line.run() };
}
