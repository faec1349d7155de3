import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { readReport } from '../../src/bench/readReport.ts';
import type { Report } from '../../src/bench/report.ts';
import { makeFolder } from '../cli/support/folder.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { describeLive } from './support/devices.ts';
import { pause, run, start, until } from './support/process.ts';

const BENCH = [MAIN, 'bench', '--quick'];
/** A micro group and a live one. */
const SHORT = [...BENCH, 'checksum-60', 'relay-60', '--json'];
const TIMEOUT_MS = 60_000;

/** Everything that a run may leave: its processes, which hold its namespaces and devices, and its folders. */
function leftovers(): string[] {
  const processes = readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && /cli\/bench\/inside|bench\/live\/lineProgram|tapline-bench-/.test(commandLine(pid)),
  );
  return [...processes, ...folders()];
}

/** Other runs on this machine are none of ours: what was there before is left out. */
const before = new Set(readdirSync(tmpdir()));

function folders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('tapline-bench-') && !before.has(name));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

async function expectNothingLeft(): Promise<void> {
  await until(() => leftovers().length === 0, `nothing of the benchmark is left: ${leftovers().join(', ')}`, 5_000);
}

/** Figures that can be none are none: everything is finite and above 0, and samples are as many as rounds. */
function expectSane(report: Report): void {
  for (const { rounds, rows } of report.groups) {
    expect(rounds).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row.samples).toHaveLength(rounds);
      expect(row.least).toBeGreaterThan(0);
      expect(row.least).toBeLessThanOrEqual(row.q1);
      expect(row.q3).toBeLessThanOrEqual(row.most);
    }
  }
}

/** Milliseconds after the start, and after the first group was begun. */
const moments = [
  ...[0, 150, 400, 900].map((delay) => ({ hasBegun: false, delay })),
  ...[0, 300, 1_000].map((delay) => ({ hasBegun: true, delay })),
];

describeLive('tapline bench', () => {
  it('measures, reports, compares, and leaves nothing behind', { timeout: 120_000 }, async () => {
    using folder = makeFolder();
    const output = join(folder.path, 'report.json');
    const devices = await run('ip', ['-o', 'link']);
    const { stdout, stderr } = await run(process.execPath, [...SHORT, '-o', output], { timeoutMs: TIMEOUT_MS });
    const report = readReport(stdout);
    expect(report).toEqual(readReport(readFileSync(output, 'utf8')));
    expect(readFileSync(output.replace('.json', '.svg'), 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/);
    expect(stderr).toMatch(/^2 groups, about \d+ s; rounds are cut rather than taking more than \d+ s, seed 1$/m);
    expectSane(report);
    const cases = report.groups.map(({ name, rows }) => [name, [...new Set(rows.map((row) => row.case))]]);
    expect(cases[0]).toEqual(['checksum-60', ['C', 'core']]);
    expect(cases[1]?.[1]).toEqual(expect.arrayContaining(['C read/write', 'line readloop, 1 filter']));
    // Counters of the processor and io_uring may be missing, and nothing else may.
    for (const { reason, case: name } of report.leftOut) {
      expect(reason).toMatch(name === 'C io_uring' ? /io_uring/ : /^instructions: there are no counters/);
    }
    expect((await run('ip', ['-o', 'link'])).stdout).toBe(devices.stdout);
    await expectNothingLeft();

    // The same figures, as if everything had been ten times as fast.
    const fast = {
      ...report,
      groups: report.groups.map((group) => ({
        ...group,
        rows: group.rows.map((row) => ({
          ...row,
          ...scaled(row),
          ratio: row.ratio === null ? null : scaled(row.ratio),
        })),
      })),
    };
    writeFileSync(output, JSON.stringify(fast));
    const args = [...BENCH, 'checksum-60', '--baseline', output];
    const worse = await run(process.execPath, args, { allowFailure: true, timeoutMs: TIMEOUT_MS });
    expect(worse.stdout).toMatch(/WORSE: checksum-60, core time \/ reference: \+\d+ %/);
    expect(worse.code).toBe(1);
  });

  it('measures filters of the user, in TypeScript and as a pcap expression', { timeout: 120_000 }, async () => {
    using folder = makeFolder();
    const file = join(folder.path, 'mine.ts');
    writeFileSync(
      file,
      `import { defineFilter } from 'tapline';
       const port: number = 2000;
       export default defineFilter({ name: 'mine', filter: (packet) => packet.destinationPort === port ? packet.accept() : undefined });`,
    );
    const args = [...BENCH, '--filter', file, '--filter', 'udp or arp', 'filter', 'relay-60', '--json'];
    const { stdout } = await run(process.execPath, args, { timeoutMs: TIMEOUT_MS });
    const report = readReport(stdout);
    expectSane(report);
    const cases = new Set(report.groups.flatMap(({ rows }) => rows.map((row) => row.case)));
    expect([...cases]).toEqual([
      ...['two tests of header fields', 'mine', 'udp or arp'],
      ...['C read/write', 'line, no filter', 'line, mine + udp or arp'],
    ]);
    await expectNothingLeft();
  });

  it(
    'measures lines that cut, filters in a row, a quiet direction and several queues',
    { timeout: 180_000 },
    async () => {
      const names = ['relay-filters', 'tcp-mixed', 'quiet', 'queues'];
      const { stdout } = await run(process.execPath, [...BENCH, ...names, '--json'], { timeoutMs: 150_000 });
      const { groups, leftOut } = readReport(stdout);
      expect(groups.map(({ name }) => name)).toEqual(names);
      const [filters, mixed, quiet, queues] = groups.map(({ rows }) => rows);
      expect(filters?.filter(({ metric }) => metric === 'cpu').map((row) => row.case)).toEqual([
        'no filter',
        ...['TypeScript', 'in place', 'sandboxed'].flatMap((kind) => [`${kind} × 1`, `${kind} × 8`]),
      ]);
      const rates = mixed?.filter(({ metric }) => metric === 'rate') ?? [];
      expect(rates.map((row) => row.case)).toEqual([
        ...['C read/write, no offloads', 'line, no offloads', 'C read/write, cuts', 'line, cuts', 'line, all offloads'],
      ]);
      expect(rates.every(({ least }) => least > 0)).toBe(true);
      expect(quiet?.filter(({ metric }) => metric === 'p50').every(({ least }) => least > 0)).toBe(true);
      // 8,000 frames wait for a process that is stopped: all of them arrive.
      for (const name of ['C read/write', 'tapline']) {
        const lost = queues?.find((row) => row.case === name && row.metric === 'lost');
        expect(lost).toMatchObject({ least: 0, most: 0 });
      }
      for (const { reason, case: name } of leftOut) {
        expect(reason).toMatch(name === null ? /^instructions: / : /io_uring|queues/);
      }
      await expectNothingLeft();
    },
  );

  it('ends while the process that it measures is stopped', { timeout: 60_000 }, async () => {
    for (const delay of [1_500, 2_000, 2_500]) {
      await using child = start(
        process.execPath,
        [...BENCH, '--full', 'queues'].filter((word) => word !== '--quick'),
      );
      await child.waitFor(/^\[1\/1\]/m);
      await pause(delay);
      expect((await child.end('SIGINT', 6_000)).code).toBe(130);
      await expectNothingLeft();
    }
  });

  it('says what it cannot measure without devices', { timeout: 120_000 }, async () => {
    const parameters = ['--bounding-set', '-sys_admin,-net_admin', 'unshare', '--user', process.execPath, ...SHORT];
    const { stdout } = await run('setpriv', parameters, { timeoutMs: TIMEOUT_MS });
    const report = readReport(stdout);
    expect(report.groups.map(({ name }) => name)).toEqual(['checksum-60']);
    expect(report.leftOut).toMatchObject([{ group: 'relay-60', reason: /^there can be no devices here: ./ }]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends on %s at any moment, and leaves nothing behind',
    { timeout: 120_000 },
    async (signal) => {
      const code = signal === 'SIGINT' ? 130 : 143;
      for (const { hasBegun, delay } of moments) {
        await using child = start(process.execPath, [...BENCH, 'relay-60', 'flood-60', 'latency']);
        if (hasBegun) await child.waitFor(/^\[1\/3\]/m);
        await pause(delay);
        const ended = await child.end(signal, 6_000);
        // Before it listens, the signal itself ends it.
        expect(hasBegun ? [code] : [code, signal]).toContain(ended.signal ?? ended.code);
        expect(ended.stdout).toBe('');
        await expectNothingLeft();
      }
    },
  );

  it('leaves nothing behind when it is killed', async () => {
    await using child = start(process.execPath, [...BENCH, 'relay-60']);
    await child.waitFor(/^\[1\/1\]/m);
    await pause(500);
    await child.end('SIGKILL');
    await expectNothingLeft();
  });
});

interface Figures {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly q1: number;
  readonly q3: number;
}

function scaled({ median, least, most, q1, q3 }: Figures): Figures {
  return { median: median / 10, least: least / 10, most: most / 10, q1: q1 / 10, q3: q3 / 10 };
}
