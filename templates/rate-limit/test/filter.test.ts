import { checkFilter, openTrial, readFrames, tryFilter, udpFrame } from 'tapline/testing';
import { expect, test } from 'vitest';
import filter from '../index.js';

const SECOND = 1_000_000_000;

test('lets a burst through, then the rate, of each source for itself', async () => {
  await using trial = await openTrial(filter({ packetsPerSecond: 10, burst: 2 }));
  const send = async (sourceAddress: string, now: number): Promise<string> =>
    (await trial.send(udpFrame({ sourceAddress }), { now })).verdict;
  expect(await send('10.0.0.1', 0)).toBe('continue');
  expect(await send('10.0.0.1', 0)).toBe('continue');
  expect(await send('10.0.0.1', 0)).toBe('drop');
  expect(await send('10.0.0.9', 0)).toBe('continue');
  expect(await send('10.0.0.1', SECOND / 10 - 1)).toBe('drop');
  expect(await send('10.0.0.1', SECOND / 10)).toBe('continue');
});

test('says why it drops', async () => {
  const frames = [udpFrame(), udpFrame()];
  const [, second] = await tryFilter(filter({ packetsPerSecond: 0, burst: 1 }), frames);
  expect(second).toEqual({ verdict: 'drop', reason: 'tooFast' });
});

test('a capture of a quiet network passes', async () => {
  const tried = await tryFilter(filter, await readFrames('test/fixtures/traffic.pcap'));
  expect(tried.every(({ verdict }) => verdict === 'continue')).toBe(true);
});

test('never traps, decides the same twice, and leaves packets alone', async () => {
  await checkFilter(filter);
});
