import { checkFilter, readFrames, tcpFrame, tryFilter, udpFrame } from 'tapline/testing';
import { expect, test } from 'vitest';
import filter from '../index.js';

test('sets the TTL, and the checksum follows', async () => {
  const [packet] = await tryFilter(filter({ ttl: 9 }), [tcpFrame({ ttl: 200 })]);
  expect(packet?.bytes).toEqual(tcpFrame({ ttl: 9 }));
});

test('the hop limit of IPv6 as well', async () => {
  const addresses = { sourceAddress: 'fd00::1', destinationAddress: 'fd00::2' };
  const [packet] = await tryFilter(filter({ ttl: 9, from: 'fd00::/8' }), [udpFrame({ ...addresses, ttl: 200 })]);
  expect(packet?.bytes).toEqual(udpFrame({ ...addresses, ttl: 9 }));
});

test('leaves packets from elsewhere as they are', async () => {
  const [packet] = await tryFilter(filter({ ttl: 9, from: '192.168.0.0/16' }), [udpFrame({ ttl: 200 })]);
  expect(packet?.bytes).toEqual(udpFrame({ ttl: 200 }));
});

test('a capture keeps its length', async () => {
  const frames = await readFrames('test/fixtures/traffic.pcap');
  const tried = await tryFilter(filter, frames);
  expect(tried.map(({ bytes }) => bytes?.length)).toEqual(frames.map(({ length }) => length));
});

test('never traps, decides the same twice, and writes only where it may', async () => {
  await checkFilter(filter);
});
