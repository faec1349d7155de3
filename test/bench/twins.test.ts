import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { BenchGroup } from '../../src/bench/benchCase.ts';
import { findCompiler, packageFolder } from '../../src/bench/programs.ts';
import { microGroup } from '../../src/bench/micro/microGroup.ts';
import { twinCase } from '../../src/bench/micro/twinCase.ts';
import { runBench } from '../../src/bench/runBench.ts';
import { traffic } from '../../src/bench/traffic.ts';

const index = pathToFileURL(join(packageFolder(), 'bench/cases/index.js')).href;
const { groups } = (await import(index)) as { readonly groups: readonly BenchGroup[] };
const twins = groups.filter(({ cases, kind }) => kind === 'micro' && cases.some(({ name }) => name === 'C'));

describe.skipIf(findCompiler() === undefined)('twins in C', () => {
  it.each(twins.map((group) => [group.name, group] as const))(
    '%s makes of every packet what tapline makes of it, whatever the seed',
    async (_, group) => {
      const once = { ...group, size: { ...group.size, quick: { rounds: 1, warmUps: 0, sampleMs: 1 } } };
      for (const seed of [1, 2, 2 ** 32 - 1]) {
        const report = await runBench([once], { effort: 'quick', seed });
        expect(report.leftOut.filter(({ case: name }) => name === 'C')).toEqual([]);
        const rows = report.groups[0]?.rows ?? [];
        expect(rows.map((row) => row.case)).toContain('C');
        expect(rows.every(({ median }) => median > 0)).toBe(true);
      }
    },
  );

  it('are no yardstick when they do something else', async () => {
    const answers = (frames: readonly Uint8Array[]): number[] => frames.map((_, i) => (i === 3 ? 12_345_678 : 0));
    const wrong = twinCase('C', { program: 'filter', frames: (seed) => traffic({ seed }), answers });
    const { leftOut, groups: none } = await runBench([microGroup({ name: 'x', title: 'x', cases: [wrong] })]);
    expect(leftOut[0]?.reason).toBe('filter.c does something else here: packet 3 gives 0, and 12345678 in tapline');
    expect(none).toEqual([]);
  });
});

describe('the groups', () => {
  it('have names of their own, and references that are among their cases', () => {
    const names = groups.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('micro');
    expect(names).not.toContain('live');
    for (const { cases, reference } of groups) {
      const inside = cases.map(({ name }) => name);
      expect(new Set(inside).size).toBe(inside.length);
      if (reference !== undefined) expect(inside).toContain(reference);
    }
  });
});
