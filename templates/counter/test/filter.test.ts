import { checkFilter, icmpFrame, openTrial, readFrames, tcpFrame, udpFrame } from 'tapline/testing';
import { expect, test } from 'vitest';
import filter from '../index.js';

test('counts by protocol', async () => {
  await using trial = await openTrial(filter);
  for (const frame of [tcpFrame(), udpFrame(), udpFrame(), icmpFrame()]) await trial.send(frame);
  expect(trial.summary().counters).toMatchObject({ tcp: 1, udp: 2, icmp: 1, other: 0 });
});

test('counts a capture', async () => {
  const frames = await readFrames('test/fixtures/traffic.pcap');
  await using trial = await openTrial(filter);
  for (const frame of frames) await trial.send(frame);
  const bytes = frames.reduce((sum, { length }) => sum + length, 0);
  expect(trial.summary().counters).toEqual({ tcp: 5, udp: 2, icmp: 2, other: 1, bytes });
});

test('never traps, decides the same twice, and leaves packets alone', async () => {
  await checkFilter(filter);
});
