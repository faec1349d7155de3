import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { type BenchCase, type BenchGroup, Unavailable } from '../../src/bench/benchCase.ts';
import { functionCase } from '../../src/bench/micro/functionCase.ts';
import { filterCase } from '../../src/bench/micro/filterCase.ts';
import { microGroup } from '../../src/bench/micro/microGroup.ts';
import { runBench } from '../../src/bench/runBench.ts';
import { expectedSeconds, groupsAt, limitSeconds } from '../../src/bench/time.ts';
import { groupOf } from './reports.ts';

/** Cases that write down what is done with them. */
function diary(names: readonly string[], act: (name: string, count: number) => void = () => undefined) {
  const log: string[] = [];
  const cases: BenchCase[] = names.map((name) => ({
    name,
    open() {
      log.push(`open ${name}`);
      let count = 0;
      return {
        sample() {
          log.push(name);
          act(name, ++count);
          return { time: count };
        },
        close() {
          log.push(`close ${name}`);
        },
      };
    },
  }));
  return { log, cases };
}

const size = (rounds: number, rest = {}): BenchGroup['size'] => {
  const one = { rounds, sampleMs: 0, ...rest };
  return { quick: one, default: one, full: one };
};

describe('runBench', () => {
  it('lets the cases take turns, and counts no round that warms up', async () => {
    const { log, cases } = diary(['a', 'b', 'c']);
    const report = await runBench([groupOf([], { cases, size: size(2, { warmUps: 2 }) })]);
    const round = ['a', 'b', 'c'];
    const opened = ['open a', 'open b', 'open c'];
    expect(log).toEqual([...opened, ...round, ...round, ...round, ...round, 'close a', 'close b', 'close c']);
    expect(report.groups[0]?.rows.map(({ samples }) => samples)).toEqual([
      [3, 4],
      [3, 4],
      [3, 4],
    ]);
    expect(report).toMatchObject({ schema: 1, seed: 1, effort: 'default', leftOut: [] });
  });

  it('closes everything when a case fails, and says why', async () => {
    const { log, cases } = diary(['a', 'b'], (name, count) => {
      if (name === 'b' && count === 2) throw new Error('b broke');
    });
    await expect(runBench([groupOf([], { cases })])).rejects.toThrow('b broke');
    expect(log.slice(-2)).toEqual(['close a', 'close b']);
  });

  it('closes everything when it is to end, in the middle of a round', async () => {
    const stop = new AbortController();
    const { log, cases } = diary(['a', 'b'], (name, count) => {
      if (name === 'a' && count === 2) stop.abort(new Error('enough'));
    });
    await expect(runBench([groupOf([], { cases })], { signal: stop.signal })).rejects.toThrow('enough');
    expect(log).toEqual(['open a', 'open b', 'a', 'b', 'a', 'close a', 'close b']);
  });

  it('leaves out what is not to be had, and measures the rest without it', async () => {
    const { cases } = diary(['ours']);
    const missing: BenchCase = {
      name: 'C',
      open: () => Promise.reject(new Unavailable('there is no compiler')),
    };
    const report = await runBench([
      groupOf([], { cases: [missing, ...cases], reference: 'C' }),
      groupOf([], { cases: [missing] }),
    ]);
    const reason = { group: 'group', case: 'C', reason: 'there is no compiler' };
    expect(report.leftOut).toEqual([reason, reason]);
    expect(report.groups.map(({ reference, rows }) => [reference, rows.length, rows[0]?.ratio])).toEqual([
      [null, 1, null],
    ]);
  });

  it('cuts the rounds of a group that is too slow, and says so', async () => {
    const { cases } = diary(['a'], () => {
      const end = performance.now() + 400;
      while (performance.now() < end);
    });
    const report = await runBench([groupOf([], { cases, size: size(1000) })]);
    expect(report.groups[0]?.rounds).toBeGreaterThanOrEqual(1);
    expect(report.groups[0]?.rounds).toBeLessThan(30);
    expect(report.leftOut[0]?.reason).toMatch(/^too slow here: stopped after \d+ of 1000 rounds$/);
  });

  it('says a thing that was left out beside the figures once', async () => {
    const cases: BenchCase[] = ['a', 'b'].map((name) => ({
      name,
      open(context) {
        context.leftOut('no counters');
        return { sample: () => ({ time: 1 }) };
      },
    }));
    const { leftOut } = await runBench([groupOf([], { cases })]);
    expect(leftOut).toEqual([{ group: 'group', case: null, reason: 'no counters' }]);
  });

  it('hands the seed and the effort to the cases, and leaves out those for more effort', async () => {
    const seen: unknown[] = [];
    const open: BenchCase['open'] = ({ seed, effort, sampleMs }) => {
      seen.push({ seed, effort, sampleMs });
      return { sample: () => ({ time: 1 }) };
    };
    const cases: BenchCase[] = [
      { name: 'a', open },
      { name: 'b', open, least: 'full' },
    ];
    await runBench([groupOf([], { cases, size: size(1, { sampleMs: 7 }) })], { seed: 99, effort: 'quick' });
    expect(seen).toEqual([{ seed: 99, effort: 'quick', sampleMs: 7 }]);
  });
});

describe('functionCase', () => {
  it.each(['sync', 'async'] as const)('times a function that is %s, one call at a time', async (kind) => {
    let [running, most, calls, closed] = [0, 0, 0, 0];
    const group = microGroup({
      ...{ name: 'x', title: 'x' },
      cases: [
        functionCase('x', () => ({
          packets: 4,
          run() {
            calls++;
            if (kind === 'sync') return;
            most = Math.max(most, ++running);
            return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
              running--;
            });
          },
          close() {
            closed++;
          },
        })),
      ],
    });
    const report = await runBench([group], { effort: 'quick' });
    expect(report.groups[0]?.rows[0]?.samples.every((sample) => sample !== null && sample > 0)).toBe(true);
    expect(calls).toBeGreaterThan(40);
    expect({ most, closed }).toEqual({ most: kind === 'sync' ? 0 : 1, closed: 1 });
  });

  it('tells when the function fails', async () => {
    const broken = functionCase('x', () => ({ packets: 1, run: failing() }));
    await expect(runBench([microGroup({ name: 'x', title: 'x', cases: [broken] })])).rejects.toThrow('broken');
  });
});

function failing(): () => void {
  let count = 0;
  return () => {
    if (++count > 3) throw new Error('broken');
  };
}

describe('filterCase', () => {
  it('judges every frame of the batch, and tells when the filter throws', async () => {
    const seen = new Set<number>();
    const cases = [filterCase('mine', { name: 'mine', filter: (packet) => void seen.add(packet.sourcePort) })];
    const report = await runBench([microGroup({ name: 'x', title: 'x', cases })], { effort: 'quick' });
    expect(report.groups[0]?.rows[0]?.median).toBeGreaterThan(0);
    expect(seen.size).toBeGreaterThan(50);
    const throws = filterCase('bad', {
      name: 'bad',
      filter() {
        throw new Error('my mistake');
      },
    });
    await expect(runBench([microGroup({ name: 'x', title: 'x', cases: [throws] })])).rejects.toThrow('my mistake');
  });
});

describe('programs', () => {
  it('are compiled into the folder that was given, or into one that is gone in the end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapline-test-'));
    try {
      const made: string[] = [];
      const compile: BenchCase = {
        name: 'c',
        open({ programs }) {
          made.push(programs.compile('checksum'), programs.compile('checksum'));
          expect(existsSync(made[0] ?? '')).toBe(true);
          return { sample: () => ({ time: 1 }) };
        },
      };
      await runBench([groupOf([], { cases: [compile] })], { folder });
      await runBench([groupOf([], { cases: [compile] })]);
      expect(made[0]).toBe(made[1]);
      expect(readdirSync(folder)).toHaveLength(1);
      expect(existsSync(made[2] ?? '')).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are made of a header of their own, and one that cannot be compiled is told each time', async () => {
    const open = (name: string, header: string): BenchCase => ({
      name,
      open({ programs }) {
        const made = ['bpf', 'bpf'].map((source) => programs.compile(source, { header }));
        expect(new Set(made).size).toBe(1);
        return { sample: () => ({ time: 1 }) };
      },
    });
    const judge = (value: number): string =>
      `static uint32_t judge(const uint8_t *p, uint32_t w, uint32_t l) { (void)p, (void)w, (void)l; return ${value}; }`;
    const cases = [
      open('a', judge(0)),
      open('b', judge(1)),
      open('bad', '#error of mine'),
      open('worse', '#error again'),
    ];
    const { groups, leftOut } = await runBench([groupOf([], { cases })]);
    expect(groups[0]?.rows.map((row) => row.case)).toEqual(['a', 'b']);
    expect(leftOut.map((one) => one.case)).toEqual(['bad', 'worse']);
    expect(leftOut[0]?.reason).toMatch(/cannot compile .*bpf\.c: .*error: #error of mine/);
    expect(leftOut[1]?.reason).toMatch(/error: #error again/);
  });

  it('are left out where there is no compiler, or the source is none', async () => {
    const { PATH } = process.env;
    const open = (source: string): BenchCase => ({
      name: source,
      open: ({ programs }) => ({ sample: () => ({ time: Number(programs.compile(source)) }) }),
    });
    const at = (source: string): BenchCase => ({
      ...open(source),
      open: ({ programs }) => (programs.compile(source), never()),
    });
    try {
      process.env['PATH'] = '/nonexistent';
      const { leftOut } = await runBench([groupOf([], { cases: [at('checksum')] })]);
      expect(leftOut[0]?.reason).toBe('there is no C compiler here (gcc, cc or clang)');
    } finally {
      process.env['PATH'] = PATH;
    }
    const { leftOut } = await runBench([groupOf([], { cases: [at('nothing')] })]);
    expect(leftOut[0]?.reason).toMatch(/cannot compile .*nothing\.c/);
  });
});

function never(): never {
  throw new Error('it compiled');
}

describe('time', () => {
  it('is foretold from cases, rounds and samples, and bounded', () => {
    const group = groupOf(['a', 'b'], { size: size(9, { sampleMs: 100 }) });
    expect(expectedSeconds(group, 'quick')).toBeCloseTo(2 * (0.1 + 10 * 0.1));
    expect(limitSeconds(group, 'quick')).toBeGreaterThan(expectedSeconds(group, 'quick'));
    expect(groupsAt([group, { ...group, least: 'full' }], 'default')).toEqual([group]);
  });
});
