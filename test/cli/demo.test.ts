import { beforeAll, describe, expect, it } from 'vitest';

import { demoInMemory } from '../../src/cli/demo/memory.ts';
import type { Outcome } from '../../src/cli/demo/outcome.ts';
import { readPing } from '../../src/cli/demo/ping.ts';
import { proofsOf } from '../../src/cli/demo/proofs.ts';
import { report } from '../../src/cli/demo/report.ts';

describe('the demo in memory', () => {
  let outcome: Outcome;
  beforeAll(async () => {
    outcome = await demoInMemory();
  });

  it('proves everything that it claims', () => {
    expect(proofsOf(outcome).filter(({ holds }) => !holds)).toEqual([]);
    expect(report(outcome).holds).toBe(true);
    expect(outcome.summary).toMatchObject({ dropped: 1001, lost: 0, held: 0 });
  });

  it.each<[string, (good: Outcome) => Outcome]>([
    ['an unwanted datagram that was not dropped', (good) => ({ ...good, left: { ...good.left, unwantedSent: 1001 } })],
    ['an unwanted datagram that arrived', (good) => ({ ...good, right: { unwantedReceived: 1 } })],
    ['an answer to telnet', (good) => ({ ...good, left: { ...good.left, telnetAnswered: true } })],
    ['a broken transfer', (good) => ({ ...good, left: { ...good.left, web: { ...good.left.web, isIntact: false } } })],
    ['a short transfer', (good) => ({ ...good, left: { ...good.left, web: { ...good.left.web, receivedBytes: 1 } } })],
    ['a lost echo', (good) => ({ ...good, left: { ...good.left, echo: { ...good.left.echo, received: 0 } } })],
    ['a packet that disappeared', (good) => ({ ...good, summary: { ...good.summary, read: 9 } })],
    ['a drop without reason', (good) => ({ ...good, summary: { ...good.summary, dropped: 1002 } })],
  ])('would not pass %s', (_, spoil) => {
    const { holds, text } = report(spoil(outcome));
    expect(holds).toBe(false);
    expect(text).toMatch(/^ {2}NO {2}/m);
  });

  it('works without a ping program', () => {
    const { holds, text } = report({ ...outcome, left: { ...outcome.left, ping: null } });
    expect(holds).toBe(true);
    expect(text).toContain('there is no ping program here');
  });
});

describe('readPing', () => {
  it('reads iputils', () => {
    const output = `5 packets transmitted, 4 received, 20% packet loss, time 803ms
rtt min/avg/max/mdev = 0.513/2.388/4.873/1.831 ms`;
    expect(readPing(output)).toEqual({ sent: 5, received: 4, averageMs: 2.388 });
  });

  it('reads busybox', () => {
    const output = `10 packets transmitted, 10 packets received, 0% packet loss
round-trip min/avg/max = 0.054/0.075/0.111 ms`;
    expect(readPing(output)).toEqual({ sent: 10, received: 10, averageMs: 0.075 });
  });

  it('reads that nothing came back', () => {
    expect(readPing('3 packets transmitted, 0 received, 100% packet loss')).toMatchObject({ sent: 3, received: 0 });
  });

  it('says when there are no statistics', () => {
    expect(readPing('ping: socket: Operation not permitted')).toBeNull();
  });
});
