import { beforeAll, describe, expect, test } from 'vitest';
import { zoneHash } from '../../examples/dns-sinkhole/zone.mjs';
import { build } from '../../src/author/build.ts';
import { checkFilter } from '../../src/testing/checkFilter.ts';
import { arpFrame, icmpFrame, tcpFrame, udpFrame } from '../../src/testing/frames.ts';
import { openTrial, tryFilter } from '../../src/testing/trial.ts';
import type { StateTable } from '../../src/wasm/stateView.ts';
import { tableEntries } from '../../src/wasm/tableEntries.ts';
import { type WasmFilter, wasmFilter } from '../../src/wasm/wasmFilter.ts';
import { clientHello, dnsQuestion, neighborSolicitation } from './support/messages.ts';

const names = ['telnet-blocker', 'source-limiter', 'dns-sinkhole', 'sni-blocker', 'ttl-rewriter', 'host'] as const;
const filters = new Map<string, WasmFilter>();

function filter(name: (typeof names)[number]): WasmFilter {
  const found = filters.get(name);
  if (found === undefined) throw new Error(`${name} was not built`);
  return found;
}

beforeAll(async () => {
  for (const name of names) {
    const { release } = await build(`examples/${name}`, { targets: ['release'] });
    filters.set(name, await wasmFilter(release?.path ?? ''));
  }
}, 120_000);

test.each(names)('%s never traps, decides the same twice, and writes only where it may', async (name) => {
  const config = name === 'sni-blocker' ? { zone: zoneHash('ads.example') } : {};
  await checkFilter(filter(name), { config, runs: 30 });
});

test('telnet-blocker drops telnet, but for those who are trusted', async () => {
  const trusted = { trusted: '10.0.0.1/32' };
  await using trial = await openTrial(filter('telnet-blocker')(trusted));
  const send = async (fields: object): Promise<object> =>
    trial.send(tcpFrame({ destinationPort: 23, tcpFlags: 2, ...fields }));
  expect(await send({ sourceAddress: '10.0.0.9' })).toEqual({ verdict: 'drop', reason: 'telnet' });
  expect(await send({ sourceAddress: '10.0.0.1' })).toMatchObject({ verdict: 'continue' });
  expect(await send({ destinationPort: 24 })).toMatchObject({ verdict: 'continue' });
  expect(trial.summary().counters).toEqual({ attempts: 1 });
});

test('source-limiter limits each source for itself', async () => {
  await using trial = await openTrial(filter('source-limiter')({ packetsPerSecond: 1, burst: 2, free: '10.9.0.0/16' }));
  const send = async (sourceAddress: string, now: number): Promise<string> =>
    (await trial.send(udpFrame({ sourceAddress }), { now })).verdict;
  for (const now of [0, 1, 2]) await send('10.0.0.7', now);
  expect(await send('10.0.0.7', 3)).toBe('drop');
  expect(await send('10.0.0.8', 3)).toBe('continue');
  expect(await send('10.0.0.7', 1.1e9)).toBe('continue');
  for (const now of [1.2e9, 1.3e9, 1.4e9]) expect(await send('10.9.1.1', now)).toBe('continue');
  expect(trial.summary().counters).toEqual({ limited: 2 });
  const entries = [...tableEntries(trial.state()?.['sources'] as StateTable)].map(({ key, value }) => ({
    address: [...key.subarray(0, 4)],
    passed: value.getBigUint64(16, true),
    dropped: value.getBigUint64(24, true),
  }));
  expect(entries).toEqual([
    { address: [10, 0, 0, 7], passed: 3n, dropped: 2n },
    { address: [10, 0, 0, 8], passed: 1n, dropped: 0n },
  ]);
});

describe('dns-sinkhole', () => {
  const config = { zone1: zoneHash('ads.example'), zone2: zoneHash('tracker.test') };
  const question = (name: string): Uint8Array => udpFrame({ destinationPort: 53, payload: dnsQuestion(name) });

  test.each(['ads.example', 'x.y.ADS.example', 'tracker.test'])('answers %s by "no such name"', async (name) => {
    const [tried] = await tryFilter(filter('dns-sinkhole')(config), [question(name)]);
    const answer = dnsQuestion(name);
    answer.set([0x81, 0x83], 2);
    const turned = {
      sourceAddress: '10.0.0.2',
      destinationAddress: '10.0.0.1',
      sourcePort: 53,
      destinationPort: 40_000,
    };
    const macs = { sourceMac: '02:00:00:00:00:02', destinationMac: '02:00:00:00:00:01' };
    expect(tried).toEqual({ verdict: 'reflect', port: 'in', bytes: udpFrame({ ...turned, ...macs, payload: answer }) });
  });

  test.each(['example', 'bads.example', 'ads.example.org'])('lets %s pass', async (name) => {
    const [tried] = await tryFilter(filter('dns-sinkhole')(config), [question(name)]);
    expect(tried).toMatchObject({ verdict: 'continue', bytes: question(name) });
  });

  test('drops what is too short to be a question, and lets answers pass', async () => {
    const answer = dnsQuestion('ads.example');
    answer[2] = 0x81;
    const [short, back] = await tryFilter(filter('dns-sinkhole')(config), [
      udpFrame({ destinationPort: 53, payload: 'dns' }),
      udpFrame({ destinationPort: 53, payload: answer }),
    ]);
    expect(short).toMatchObject({ verdict: 'drop', reason: 'malformedDns' });
    expect(back).toMatchObject({ verdict: 'continue' });
  });
});

test('sni-blocker drops hellos for names below the zone', async () => {
  const hello = (name: string): Uint8Array =>
    tcpFrame({ destinationPort: 443, tcpFlags: 0x18, payload: clientHello(name) });
  const frames = ['ads.example', 'www.Ads.Example', 'bads.example', 'example', ''].map(hello);
  const tried = await tryFilter(filter('sni-blocker')({ zone: zoneHash('ads.example') }), frames);
  expect(tried.map(({ verdict }) => verdict)).toEqual(['drop', 'drop', 'continue', 'continue', 'continue']);
  expect(tried[0]).toMatchObject({ reason: 'blockedName' });
});

test('ttl-rewriter sets TTL and hop limit, and drops what has come too far', async () => {
  const six = { sourceAddress: 'fd00::1', destinationAddress: 'fd00::2' };
  const tried = await tryFilter(filter('ttl-rewriter')({ ttl: 7 }), [
    udpFrame({ ttl: 200 }),
    tcpFrame({ ...six, ttl: 200 }),
    udpFrame({ ttl: 1 }),
    icmpFrame({ ...six, ttl: 255, icmpType: 135 }),
  ]);
  expect(tried[0]?.bytes).toEqual(udpFrame({ ttl: 7 }));
  expect(tried[1]?.bytes).toEqual(tcpFrame({ ...six, ttl: 7 }));
  expect(tried[2]).toEqual({ verdict: 'drop', reason: 'expired' });
  expect(tried[3]?.bytes).toEqual(icmpFrame({ ...six, ttl: 255, icmpType: 135 }));
});

describe('host', () => {
  const MAC = '02:00:00:00:00:02';

  test('answers ARP', async () => {
    const [tried] = await tryFilter(filter('host'), [arpFrame({ destinationMac: 'ff:ff:ff:ff:ff:ff' })]);
    const answer = {
      arpOperation: 2,
      sourceMac: MAC,
      sourceAddress: '10.0.0.2',
      destinationMac: '02:00:00:00:00:01',
      destinationAddress: '10.0.0.1',
    };
    expect(tried).toEqual({ verdict: 'reflect', port: 'in', bytes: arpFrame(answer) });
  });

  test('answers neighbor solicitations, with a right checksum', async () => {
    const [tried] = await tryFilter(filter('host'), [neighborSolicitation()]);
    expect(tried).toMatchObject({ verdict: 'reflect' });
    expect(tried?.bytes).toEqual(neighborSolicitation({ isAnswer: true }));
  });

  test('answers pings to itself, and to nobody else', async () => {
    const [four, six, other, udp] = await tryFilter(filter('host'), [
      icmpFrame({ ttl: 3, payload: 'ping' }),
      icmpFrame({ sourceAddress: 'fd00::1', destinationAddress: 'fd00::2' }),
      icmpFrame({ destinationAddress: '10.0.0.3' }),
      udpFrame(),
    ]);
    const turned = { sourceMac: MAC, destinationMac: '02:00:00:00:00:01' };
    expect(four?.bytes).toEqual(
      icmpFrame({ ...turned, icmpType: 0, payload: 'ping', sourceAddress: '10.0.0.2', destinationAddress: '10.0.0.1' }),
    );
    expect(six?.bytes).toEqual(
      icmpFrame({ ...turned, icmpType: 129, sourceAddress: 'fd00::2', destinationAddress: 'fd00::1' }),
    );
    expect([other, udp].map((one) => one?.reason)).toEqual(['notForUs', 'notAnswered']);
  });
});
