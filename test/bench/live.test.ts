import { afterAll, describe, expect, it } from 'vitest';

import type { BenchContext } from '../../src/bench/benchCase.ts';
import { parseCores } from '../../src/bench/cores.ts';
import { openInstructionCounter } from '../../src/bench/live/instructions.ts';
import { iperfFailure, parseIperf } from '../../src/bench/live/iperfGroup.ts';
import { latencies } from '../../src/bench/live/latencyGroup.ts';
import { parseRelayTime } from '../../src/bench/live/path.ts';
import { findCompiler, openPrograms } from '../../src/bench/programs.ts';
import { cpuNs, parseLinkCounts, residentMib } from '../../src/bench/live/procfs.ts';

const NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
 right:  123456    2057    0    1    0     0          0         0     4200      70    0    3    0     0       0          0
right2:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
`;

const programs = openPrograms();
afterAll(() => {
  programs.close();
});

describe.skipIf(findCompiler() === undefined)('the counter of instructions', () => {
  const contextFor = (leftOut: string[]): BenchContext => ({
    ...{ effort: 'quick', sampleMs: 1, seed: 1, programs, folder: '', signal: new AbortController().signal },
    leftOut(reason) {
      leftOut.push(reason);
    },
  });

  it('counts what this thread does, or says why it cannot', async () => {
    const leftOut: string[] = [];
    // Processor time instead of instructions: virtual machines often have no counters, and the way is the same.
    const counter = await openInstructionCounter(contextFor(leftOut), process.pid, 'task-clock');
    if (counter === undefined) {
      expect(leftOut).toEqual([
        expect.stringMatching(/^instructions: there are no counters of the processor here \(./),
      ]);
      return;
    }
    const before = await counter.read();
    const end = performance.now() + 50;
    while (performance.now() < end);
    expect(await counter.read()).toBeGreaterThan(before);
    await counter.close();
  });

  it('says that there is none for a process that there is not, and asks for none without a process', async () => {
    const leftOut: string[] = [];
    expect(await openInstructionCounter(contextFor(leftOut), 2 ** 30, 'task-clock')).toBeUndefined();
    expect(leftOut).toHaveLength(1);
    expect(await openInstructionCounter(contextFor(leftOut), undefined)).toBeUndefined();
    expect(leftOut).toHaveLength(1);
  });
});

describe('what live groups read', () => {
  it('counters of a device', () => {
    expect(parseLinkCounts(NET_DEV, 'right')).toEqual({ received: 2057, sent: 70 });
    expect(parseLinkCounts(NET_DEV, 'right2')).toEqual({ received: 2, sent: 10 });
    expect(() => parseLinkCounts(NET_DEV, 'left')).toThrow('There is no device left');
  });

  it('CPU time and memory of a process', () => {
    const before = cpuNs(process.pid);
    const end = performance.now() + 50;
    while (performance.now() < end);
    expect(cpuNs(process.pid)).toBeGreaterThan(before);
    expect(residentMib(process.pid)).toBeGreaterThan(10);
    expect(cpuNs(2 ** 30)).toBeNaN();
  });

  it.each([
    ['0-3', [0, 1, 2, 3]],
    ['7', [7]],
    ['0,2-3,9', [0, 2, 3, 9]],
    ['', []],
    ['x', []],
  ])('cores %j', (list, cores) => {
    expect(parseCores(list)).toEqual(cores);
  });

  it('the time that a relay took', () => {
    expect(parseRelayTime('1200 900\n')).toEqual({ wallNs: 1200, cpuNs: 900 });
    for (const line of ['', 'ready', '0 0', '12']) expect(() => parseRelayTime(line)).toThrow('A relay answered');
  });

  it('round trips: p99.9 only of a thousand and more', () => {
    const times = Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000);
    expect(latencies(times.join(' '), 1000)).toMatchObject({ p50: 500.5, lost: 0 });
    expect(latencies(times.join(' '), 1000)['p99.9']).toBeCloseTo(999, 0);
    const few = latencies(times.slice(0, 500).join(' '), 1000);
    expect(few).toMatchObject({ lost: 50 });
    expect(few).not.toHaveProperty('p99.9');
    expect(latencies('\n', 10)).toEqual({ lost: 100 });
  });

  it('reports of iperf3', () => {
    const tcp = { end: { sum_received: { bytes: 125e6, bits_per_second: 1e9 } } };
    expect(parseIperf(JSON.stringify(tcp), 'tcp', 5e8)).toEqual({ rate: 1, cpu: 500 });
    const udp = { end: { sum: { bytes: 125e6, bits_per_second: 1e9, lost_percent: 75 } } };
    expect(parseIperf(JSON.stringify(udp), 'udp', Number.NaN)).toEqual({ rate: 0.25, lost: 75 });
    expect(() => parseIperf('{"end":{}}', 'tcp', 0)).toThrow('iperf3 says nothing');
    expect(iperfFailure(JSON.stringify(tcp))).toBeUndefined();
    expect(iperfFailure('{"end":{},"error":"unable to connect to server: Connection timed out"}')).toMatch('timed out');
  });
});
