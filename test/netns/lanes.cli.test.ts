import { writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import type { LanesSummary } from '../../src/index.ts';
import { makeFolder } from '../cli/support/folder.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { expectBalance } from './support/accounts.ts';
import { LEFT, RIGHT, makeHosts } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { sendTo } from './support/lanes.ts';
import { pause, run, start, until } from './support/process.ts';
import { ping } from './support/traffic.ts';

const folder = makeFolder();
afterAll(() => {
  folder[Symbol.dispose]();
});

/** Two hosts, and `tapline run --queues 2` between them, with ports by flags or by a pipeline file. */
async function between(source: 'flags' | 'file', ...args: readonly string[]) {
  const hosts = await makeHosts({ ipv6: false });
  const ports = [
    ['left', hosts.left.pid, LEFT.ipv4],
    ['right', hosts.right.pid, RIGHT.ipv4],
  ] as const;
  const flags = ports.flatMap(([name, pid, address]) => [
    ...['--tap', name, '--netns', `${name}=${pid}`, '--address', `${name}=${address}/24`],
  ]);
  const file = folder.write('pipeline.mjs', pipelineFile(ports));
  const child = start(process.execPath, [MAIN, 'run', ...(source === 'file' ? [file] : flags), ...args]);
  try {
    await child.waitFor(/^ready: /m);
  } catch (error) {
    await Promise.all([child, hosts].map((each) => each[Symbol.asyncDispose]()));
    throw error;
  }
  return {
    child,
    ...hosts,
    async [Symbol.asyncDispose]() {
      await Promise.all([child, hosts].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

function pipelineFile(ports: readonly (readonly [string, number, string])[]): string {
  const declared = ports.map(
    ([name, pid, address]) => `tap('${name}', { netns: ${pid}, addresses: ['${address}/24'] })`,
  );
  return `import { tap, pcapFilter } from 'tapline';
    const plain = { name: 'plain', filter: () => undefined };
    export default {
      ports: [${declared.join(', ')}],
      filters: [plain, { when: 'udp', filter: { name: 'guarded', filter: (packet) => packet.drop() } }, pcapFilter('not port 9')],
    };`;
}

const typed = `import { defineFilter } from 'tapline';
  export default [
    defineFilter({
      name: 'typed',
      config: { port: { type: 'u16', default: 23 } },
      reasons: ['shut'],
      filter: (packet, { config }) => (packet.destinationPort === (config.port as number) ? packet.drop('shut') : undefined),
    }),
    { name: 'second', counters: ['seen'], filter: (packet: unknown, { counters }: { counters: { seen: number } }) => { counters.seen++; } },
  ];`;

/** Waits until so many packets were dropped: what waits in the kernel when a line ends is not read. */
async function untilDropped(child: ReturnType<typeof start>, count: number): Promise<void> {
  await until(async () => {
    child.process.kill('SIGUSR1');
    await pause(50);
    return child.stderr.includes(`\n${count} packets dropped`);
  }, `${count} packets were dropped`);
}

async function summaryOf(child: ReturnType<typeof start>): Promise<LanesSummary> {
  const { code, stdout } = await child.end('SIGINT');
  expect(code).toBe(0);
  const summary = JSON.parse(stdout) as LanesSummary;
  expectBalance(summary);
  return summary;
}

describeLive(
  'tapline run --queues',
  () => {
    it('takes filters of a TypeScript file, settings and expressions', async () => {
      const file = folder.write('typed.ts', typed);
      const filters = ['--filter', file, '--set', 'typed.port=99', '--drop', 'udp port 98'];
      await using line = await between('flags', '--queues', '2', '--json', '--verbose', ...filters);
      expect(line.child.stderr).toMatch(/^engine: (uring|readloop) in 2 lanes/m);
      expect(await ping(line.left, RIGHT.ipv4)).toBe(5);
      await sendTo(line.left, 99);
      await sendTo(line.left, 98);
      await untilDropped(line.child, 2);
      expect(line.child.stderr).toMatch(/^ +lane +read +forwarded/m);
      const summary = await summaryOf(line.child);
      expect(summary.reasons).toEqual({ shut: 1, match: 1 });
      expect(summary.filters.map(({ name }) => name)).toEqual(['typed', 'second', 'udp port 98']);
      expect(summary.filters[1]?.counters['seen']).toBeGreaterThanOrEqual(11);
      expect(summary.lanes.map(({ lane }) => lane)).toEqual([0, 1]);
    });

    it('takes a pipeline file, whose filters each lane finds in it', async () => {
      const more = folder.write('more.mjs', `export default { name: 'more', filter() {} };`);
      await using line = await between('file', '--queues', '2', '--json', '--engine', 'readloop', '--filter', more);
      expect(await ping(line.left, RIGHT.ipv4)).toBe(5);
      await sendTo(line.left, 99);
      await untilDropped(line.child, 1);
      const summary = await summaryOf(line.child);
      expect(summary.filters.map(({ name }) => name)).toEqual(['plain', 'guarded', 'pcap', 'more']);
      expect(summary.filters[1]).toMatchObject({ packets: 1, dropped: 1 });
    });

    it('says what a lane cannot have', async () => {
      const file = `${folder.path}/captures.mjs`;
      writeFileSync(
        file,
        `import { tap, capture } from 'tapline'; export default { ports: { a: tap('a'), b: capture('x.pcap') } };`,
      );
      const { code, stderr } = await run(process.execPath, [MAIN, 'run', file, '--queues', '2'], {
        allowFailure: true,
      });
      expect(stderr).toContain('Cannot use port b with queues');
      expect(code).toBe(1);
    });
  },
  { needs: ['ping'] },
);
