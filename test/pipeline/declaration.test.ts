import { describe, expect, it } from 'vitest';
import { type Pipeline, type QueueOptions, type Routes, openPipeline, queue } from '../../src/index.ts';
import type { DevicePort, PortLike } from '../../src/pipeline/declaration.ts';
import { namedPorts } from '../../src/pipeline/ports.ts';
import { resolveRoutes } from '../../src/pipeline/routes.ts';
import { socketDevice } from './support/lines.ts';

const nothing = () => undefined;
const lan = { name: 'lan', link: 'ethernet' } as const;
const wan = { name: 'wan', link: 'ethernet' } as const;
const dmz = { name: 'dmz', link: 'ethernet' } as const;
const vpn = { name: 'vpn', link: 'ip' } as const;
const tapPort = (name: string): DevicePort => ({ kind: 'tap', options: { name } });

describe('resolveRoutes', () => {
  it('bridges two ports, and leaves one or three alone', () => {
    expect(resolveRoutes([lan, wan], undefined)).toEqual({ lan: 'wan', wan: 'lan' });
    expect(resolveRoutes([lan], undefined)).toEqual({});
    expect(resolveRoutes([lan, wan, dmz], undefined)).toEqual({});
  });

  it('takes what was declared, to itself and one way too', () => {
    for (const routes of [{}, { lan: 'lan' }, { lan: 'wan' }, { lan: 'dmz', wan: 'dmz' }] as Routes[]) {
      expect(resolveRoutes([lan, wan, dmz], routes)).toEqual(routes);
    }
  });

  it('refuses names that are no ports, with a suggestion', () => {
    expect(() => resolveRoutes([lan, wan], { lan: 'wen' })).toThrow("there is no port 'wen': did you mean 'wan'?");
    expect(() => resolveRoutes([lan, wan], { lam: 'wan' })).toThrow("did you mean 'lan'?");
    expect(() => resolveRoutes([lan, wan], { lan: 'toString' })).toThrow(TypeError);
  });

  it('refuses a route between Ethernet and IP with ROUTE_KIND', () => {
    const wrongKind = expect.objectContaining({ code: 'ROUTE_KIND' }) as unknown;
    expect(() => resolveRoutes([lan, vpn], undefined)).toThrow(wrongKind);
    expect(() => resolveRoutes([lan, vpn], { vpn: 'lan' })).toThrow(wrongKind);
    expect(resolveRoutes([lan, vpn], {})).toEqual({});
  });
});

describe('namedPorts', () => {
  it('takes names of an object in order, and those of devices in a list', () => {
    const [a, b] = [queue(), queue()];
    expect(namedPorts({ b, a })).toEqual([
      ['b', b],
      ['a', a],
    ]);
    const names = namedPorts([tapPort('tap0'), a, tapPort(''), tapPort('tap%d')]).map(([name]) => name);
    expect(names).toEqual(['tap0', 'queue1', null, null]);
  });

  it('refuses no ports, too many, bad names, the same twice, and what is no port', () => {
    const one = queue();
    const many = Array.from({ length: 64 }, () => queue());
    const wrong: unknown[] = [
      ...[undefined, null, 5, {}, [], many],
      ...[{ '': one }, { 'a b': one }, { ['x'.repeat(65)]: one }, { 'a/b': one }],
      ...[{ a: one, b: one }, [one, one], [tapPort('x'), tapPort('x')]],
      ...[{ a: undefined }, { a: {} }, { a: 'tap0' }, { a: { kind: 'tap' } }],
    ];
    for (const ports of wrong) expect(() => namedPorts(ports as PortLike[])).toThrow(TypeError);
    expect(namedPorts(many.slice(1))).toHaveLength(63);
  });
});

describe('queue', () => {
  it('refuses options that are wrong', () => {
    const types: unknown[] = [{ link: 'tap' }, { virtioHeader: 1 }, { offloads: 'all' }, { frameByte: 100 }];
    for (const options of types) expect(() => queue(options as QueueOptions)).toThrow(TypeError);
    for (const frameBytes of [63, 65_601, 100.5, NaN, '100']) {
      expect(() => queue({ frameBytes } as QueueOptions)).toThrow(RangeError);
    }
    expect(() => queue({ frameByte: 100 } as QueueOptions)).toThrow("did you mean 'frameBytes'?");
    for (const frameBytes of [64, 65_600]) expect(queue({ frameBytes }).options).toEqual({ frameBytes });
    expect(queue({ virtioHeader: true, offloads: 'all' }).kind).toBe('queue');
  });
});

describe('openPipeline', () => {
  it('refuses what is mistyped, before it opens anything', async () => {
    const { device, calls, link } = await socketDevice('lan0');
    const ports = { lan: device, out: queue() };
    const wrong: object[] = [
      { ports, route: {} },
      { ports, filters: { name: 'f', filter: () => undefined } },
      { ports, filters: [undefined] },
      { ports, filters: [{ name: '', filter: () => undefined }] },
      { ports: [] },
    ];
    for (const pipeline of wrong)
      await expect(openPipeline(pipeline as unknown as Pipeline)).rejects.toThrow(TypeError);
    await expect(openPipeline({ ports, filtrs: [] } as Pipeline)).rejects.toThrow("did you mean 'filters'?");
    expect(calls).toEqual([]);
    link.close();
  });

  it('finds a route to nowhere before it opens anything, unless a name is the kernel’s to give', async () => {
    const { device, calls } = await socketDevice('lan0');
    // No kernel would make a device of that name.
    const ports = { lan: device, wan: tapPort('a:b') };
    await expect(openPipeline({ ports, routes: { lan: 'wam' } })).rejects.toThrow("no port 'wam': did you mean 'wan'?");
    expect(calls).toEqual(['close']);
    const other = await socketDevice('lan0');
    await expect(openPipeline({ ports: [other.device, tapPort('a:b')], routes: { lan0: 'wam' } })).rejects.toThrow(
      'wam',
    );
    await expect(openPipeline({ ports: [tapPort('a:%d')], routes: { lan0: 'wam' } })).rejects.toThrow('a:%d');
  });

  it('closes what was handed to it when it fails later', async () => {
    const failures: (readonly [changes: object, error: unknown])[] = [
      [{ routes: { lan: 'out', nowhere: 'lan' } }, TypeError],
      [{ engine: 'warp' }, TypeError],
      [{ filters: [{ name: 'f', config: { x: { type: 'u8' } }, filter: () => undefined }] }, TypeError],
      [
        { filters: [{ name: 'f', config: { x: { type: 'port', default: 'moon' } }, filter: () => undefined }] },
        RangeError,
      ],
    ];
    for (const [changes, error] of failures) {
      const [lan0, wan0] = [await socketDevice('lan0'), await socketDevice('wan0')];
      const ports = { lan: lan0.device, wan: wan0.device, out: queue() };
      await expect(openPipeline({ ports, ...changes })).rejects.toThrow(error);
      expect([lan0.calls.at(-1), wan0.calls.at(-1)]).toEqual(['close', 'close']);
      await expect(ports.out.send(new Uint8Array(60))).rejects.toMatchObject({ code: 'LINE_CLOSED' });
    }
  });

  it('closes a device that it had not come to', async () => {
    const used = queue();
    const first = await openPipeline({ ports: { used } });
    const { device, calls } = await socketDevice('lan0');
    await expect(openPipeline({ ports: { used, lan: device } })).rejects.toThrow('in two lines');
    expect(calls).toEqual(['close']);
    await first.close();
  });

  it('closes the filters that were open when a later one fails', async () => {
    const closed: string[] = [];
    const source = (name: string, fail = false) => ({
      manifest: { name },
      open() {
        if (fail) throw new Error('cannot start');
        return { judge: nothing, configure: nothing, counters: () => ({}), close: () => closed.push(name) };
      },
    });
    const filters = [source('one'), source('two'), source('three', true)];
    await expect(openPipeline({ ports: [queue()], filters })).rejects.toThrow('cannot start');
    expect(closed).toEqual(['one', 'two']);
  });

  it('refuses two ports that turn out to have one name', async () => {
    const devices = [await socketDevice('same'), await socketDevice('same')];
    const ports = devices.map(({ device }) => device);
    await expect(openPipeline({ ports })).rejects.toThrow('Cannot use port same twice');
    for (const { link } of devices) link.close();
  });

  it.each([10, 20])('refuses, and closes, a device whose virtio header has %i bytes', async (headerBytes) => {
    const { device, calls, link } = await socketDevice('odd0', { headerBytes });
    await expect(openPipeline({ ports: [device] })).rejects.toThrow(`Cannot use port odd0: its virtio header has`);
    expect(calls).toContain('close');
    link.close();
  });

  it('has ports whose names are those of what every object inherits', async () => {
    const ports = { constructor: queue(), toString: queue(), valueOf: queue() };
    const line = await openPipeline({ ports, routes: { constructor: 'toString' } });
    expect([...line.ports.keys()]).toEqual(['constructor', 'toString', 'valueOf']);
    expect(Object.keys(line.summary().ports)).toEqual(['constructor', 'toString', 'valueOf']);
    await line.close();
  });
});
