import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { benchCommand } from '../../src/cli/bench/command.ts';
import { loadGroups } from '../../src/cli/bench/groups.ts';
import { durationText, foretell, listText } from '../../src/cli/bench/list.ts';
import { type BenchPlan, chooseGroups, planOf } from '../../src/cli/bench/plan.ts';
import { parse } from '../../src/cli/parse.ts';
import { UsageError } from '../../src/cli/usageError.ts';
import { groupOf, reportOf } from '../bench/reports.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapline-test-'));
  writeFileSync(join(folder, 'good.json'), JSON.stringify(reportOf({ a: [1, 2, 3] })));
  writeFileSync(join(folder, 'bad.json'), '{}');
  writeFileSync(join(folder, 'filter.mjs'), 'export default {}');
  writeFileSync(
    join(folder, 'guarded.mjs'),
    "export default { when: 'udp port 53', filter: { name: 'dns', filter: () => undefined } };",
  );
  mkdirSync(join(folder, 'built', 'build'), { recursive: true });
  writeFileSync(join(folder, 'built', 'build', 'filter.wasm'), '');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function plan(...args: string[]): BenchPlan {
  return planOf(parse(benchCommand, args));
}

describe('the plan of bench', () => {
  it('has defaults', () => {
    expect(plan()).toEqual({
      ...{ effort: 'default', seed: 1, names: [], filters: [] },
      ...{ json: false, list: false, output: undefined, baseline: undefined },
    });
  });

  it('takes groups and options in any order', () => {
    const [output, filter] = [join(folder, 'out.json'), join(folder, 'filter.mjs')];
    const args = [
      'dissect',
      '--full',
      '-j',
      '-o',
      output,
      'tcp',
      '-f',
      filter,
      '--seed=7',
      '-b',
      join(folder, 'good.json'),
    ];
    expect(plan(...args)).toMatchObject({
      ...{ effort: 'full', seed: 7, names: ['dissect', 'tcp'], filters: [{ file: filter }] },
      ...{ json: true, output, baseline: { schema: 1 } },
    });
  });

  it('takes the folder of a built package as a filter', () => {
    expect(plan('-f', join(folder, 'built')).filters).toEqual([
      { file: join(folder, 'built', 'build', 'filter.wasm') },
    ]);
  });

  it('has groups of a filter with a guard', async () => {
    const [group] = await loadGroups([{ file: join(folder, 'guarded.mjs') }]);
    expect(group?.cases.map(({ name }) => name)).toEqual(['two tests of header fields', 'dns']);
  });

  it('takes a pcap expression as a filter, and calls it by its text', async () => {
    const { filters } = plan('-f', 'tcp port 80  or arp', '-f', join(folder, 'filter.mjs'));
    expect(filters).toEqual([{ expression: 'tcp port 80  or arp' }, { file: join(folder, 'filter.mjs') }]);
    const [group] = await loadGroups(filters.slice(0, 1));
    expect(group?.cases.map(({ name }) => name)).toEqual(['two tests of header fields', 'tcp port 80 or arp']);
  });

  it.each<[string[], RegExp]>([
    [['-f', 'tcp prot 80'], /^--filter: /],
    [['--quick', '--full'], /^Options --quick and --full exclude each other$/],
    [['--quik'], /Unknown option --quik: did you mean '--quick'\?/],
    [['--seed', 'x'], /Option --seed needs a number of 0 to 4294967295, got "x"/],
    [['--seed=-1'], /--seed needs a number/],
    [['--seed', '4294967296'], /--seed needs a number/],
    [['--seed', '1e3'], /--seed needs a number/],
    [['-o', 'report'], /--output needs a name that ends in \.json/],
    [['-o', '/nonexistent/x.json'], /there is no folder \/nonexistent/],
    [['-b', '/nonexistent/x.json'], /Cannot read --baseline .*ENOENT/],
    [['-b', '/'], /Cannot read --baseline/],
    [['-f', './nothing.mjs'], /Cannot find --filter .\/nothing.mjs: there is no such file/],
  ])('refuses %j', (args, message) => {
    expect(() => plan(...args)).toThrow(UsageError);
    expect(() => plan(...args)).toThrow(message);
  });

  it('refuses a baseline that is none, before anything is measured', () => {
    expect(() => plan('-b', join(folder, 'bad.json'))).toThrow('it is not a report of tapline bench');
  });
});

describe('the choice of groups', () => {
  const all = [
    groupOf([], { name: 'dissect' }),
    groupOf([], { name: 'tcp', kind: 'live' }),
    groupOf([], { name: 'udp', kind: 'live', least: 'full' }),
  ];
  const chosen = (...args: string[]): string[] => chooseGroups(all, plan(...args)).map(({ name }) => name);

  it.each<[string[], string[]]>([
    [[], ['dissect', 'tcp']],
    [['--full'], ['dissect', 'tcp', 'udp']],
    [['live'], ['tcp']],
    [['udp'], ['udp']],
    [
      ['udp', 'micro'],
      ['dissect', 'udp'],
    ],
    [['tcp', 'tcp'], ['tcp']],
  ])('%j means %j', (args, names) => {
    expect(chosen(...args)).toEqual(names);
  });

  it('refuses what it does not know', () => {
    expect(() => chosen('disect')).toThrow("Unknown group disect: did you mean 'dissect'?");
    expect(() => chosen('frobnicate')).toThrow('Unknown group frobnicate: known are dissect, tcp, udp, micro, live');
  });

  it('is listed, with times', () => {
    const text = listText(all, 'default');
    expect(text).toMatch(/^dissect +micro +1 s +A group$/m);
    expect(text).toMatch(/^udp +live +1 s +A group +only with --full, or by name$/m);
    expect(foretell(all, 'quick')).toMatch(/^3 groups, about 1 s; rounds are cut rather than taking more than 6 s$/);
    expect([0, 89, 90, 200].map(durationText)).toEqual(['1 s', '89 s', '1 min 30 s', '3 min 20 s']);
  });
});
