import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BuiltModule, build } from '../../src/author/build.ts';
import { exportName } from '../../src/author/generatePackage.ts';
import { inspectModule } from '../../src/author/inspectModule.ts';
import { FLAG_EXPORT, KIND, LITERAL, SOURCE } from '../../src/author/syntax.ts';
import { openTrial, tryFilter } from '../../src/testing/trial.ts';
import { openPipeline } from '../../src/pipeline/open.ts';
import { queue } from '../../src/pipeline/queue.ts';
import { tcpFrame, udpFrame } from '../../src/testing/frames.ts';
import { wasmFilter } from '../../src/wasm/wasmFilter.ts';
import { type FilterFolder, filterFolder, sources } from './support/filterFolder.ts';

const COMPILER = 'assemblyscript' as string;

let folder: FilterFolder;
beforeEach(() => {
  folder = filterFolder();
});
afterEach(() => {
  folder.remove();
});

const HEAD = "import { Packet, Verdict, trace, now, isStateKept } from 'tapline/assembly/filter';\n";

async function built(filter: string, declaration: object = {}): Promise<Awaited<ReturnType<typeof build>>> {
  folder.write(sources(HEAD + filter, declaration));
  return build(folder.path);
}

function bytesOf(module: BuiltModule | undefined): Uint8Array {
  return module?.bytes ?? new Uint8Array();
}

async function refusal(filter: string, declaration: object = {}): Promise<string> {
  const error: unknown = await built(filter, declaration).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Error ? error.message : 'it was built';
}

type Enums = Readonly<
  Record<'CommonFlags' | 'LiteralKind' | 'NodeKind' | 'SourceKind', Readonly<Record<string, number>>>
>;

const CONTINUE = 'export function filter(packet: Packet): Verdict { return Verdict.Continue; }';

test('the numbers of the syntax tree are those of the compiler', async () => {
  // Declared as const enums, which only their own project can use by name.
  // Its types would change those of JavaScript itself for all that is compiled with this file.
  const { CommonFlags, LiteralKind, NodeKind, SourceKind } = (await import(COMPILER)) as Enums;
  expect(KIND).toEqual({
    identifier: NodeKind['Identifier'],
    call: NodeKind['Call'],
    literal: NodeKind['Literal'],
    new: NodeKind['New'],
    functionDeclaration: NodeKind['FunctionDeclaration'],
    export: NodeKind['Export'],
    import: NodeKind['Import'],
  });
  expect(LITERAL).toEqual({
    integer: LiteralKind['Integer'],
    string: LiteralKind['String'],
    template: LiteralKind['Template'],
    array: LiteralKind['Array'],
    object: LiteralKind['Object'],
  });
  expect(FLAG_EXPORT).toBe(CommonFlags['Export']);
  expect(SOURCE).toEqual({ user: SourceKind['User'], userEntry: SourceKind['UserEntry'] });
});

test.each([
  ['rate-limit', 'rateLimit'],
  ['new', 'filterNew'],
  ['5-tuple', 'filter5Tuple'],
  ['@me/x', 'meX'],
  ['---', 'filter'],
])('a filter called %s is %s in code', (name, expected) => {
  expect(exportName(name)).toBe(expected);
});

test('a module has the exports of the ABI, one import, and no memory of its own', async () => {
  const { release } = await built(`${CONTINUE} export function helper(): i32 { return 1; }`);
  const found = await inspectModule(bytesOf(release), 'sample');
  expect(found).toMatchObject({ imports: ['env.memory'], exports: ['tapline_judge'], obstacle: null });
  expect(found.manifest).toMatchObject({ abi: 1, name: 'sample', version: '1.2.3' });
});

describe('what the build refuses, with file and line', () => {
  test('a file without a filter', async () => {
    expect(await refusal('export function fliter(packet: Packet): Verdict { return Verdict.Continue; }')).toContain(
      'A filter exports: export function filter(packet: Packet): Verdict',
    );
  });

  test('allocation, where filter.json has no heap', async () => {
    const text = await refusal(
      'export function filter(packet: Packet): Verdict {\n  const list = new Array<i32>(packet.length);\n  return list.length > 3 ? Verdict.Drop : Verdict.Accept; }',
    );
    expect(text).toContain('This allocates memory');
    expect(text).toContain('assembly/index.ts(3,16)');
    expect(text).toContain('"heap": true');
  });

  test('static data', async () => {
    const text = await refusal(
      "const names = 'telnet';\nexport function filter(packet: Packet): Verdict { return names.length == packet.length ? Verdict.Drop : Verdict.Accept; }",
    );
    expect(text).toContain('assembly/index.ts(2,15)');
  });

  test('trace in a release', async () => {
    const text = await refusal(
      "export function filter(packet: Packet): Verdict {\n  trace('seen', 1);\n  return Verdict.Continue; }",
    );
    expect(text).toContain('trace(…) is for debug builds');
    expect(text).toContain('assembly/index.ts(3,3)');
  });

  test('edits that filter.json does not declare', async () => {
    expect(
      await refusal('export function filter(packet: Packet): Verdict { packet.ttl = 3; return Verdict.Continue; }'),
    ).toContain('"writes": true');
    const push = 'export function filter(packet: Packet): Verdict { packet.push(4); return Verdict.Continue; }';
    expect(await refusal(push)).toContain('"writes": true');
    expect(await refusal(push, { writes: true })).toContain('"headroom"');
  });

  test('imports', async () => {
    const text = await refusal(
      'declare function host(): i32;\nexport function filter(packet: Packet): Verdict { return host() == 0 ? Verdict.Drop : Verdict.Accept; }',
    );
    expect(text).toContain('a filter may import nothing but env.memory');
  });

  test('types that do not fit', async () => {
    expect(await refusal('export function filter(packet: Packet): Verdict { return packet.nothing; }')).toMatch(
      /AS|TS2339[\s\S]*assembly\/index\.ts\(2,/,
    );
  });

  test('leaves the modules of the build before', async () => {
    const { release } = await built(CONTINUE);
    await refusal('export function filter(packet: Packet): Verdict { return oops; }');
    expect(readFileSync(join(folder.path, 'build/filter.wasm')).equals(bytesOf(release))).toBe(true);
  });
});

test('a filter with a heap runs in a sandbox, behind its block', async () => {
  const { release } = await built(
    `const seen = new Map<u32, i32>();
     export function filter(packet: Packet): Verdict {
       const port = packet.destinationPort;
       seen.set(port, seen.has(port) ? seen.get(port) + 1 : 1);
       return seen.get(port) > 2 ? packet.drop() : Verdict.Continue;
     }`,
    {
      heap: true,
      window: 200,
      headroom: 20,
      writes: true,
      state: { version: 1, fields: { n: { type: 'u64', length: 9000 } } },
    },
  );
  const { obstacle } = await inspectModule(bytesOf(release), 'sample');
  expect(obstacle).not.toBeNull();
  const filter = await wasmFilter(bytesOf(release));
  const tried = await tryFilter(
    filter,
    [1, 2, 1, 1, 2, 2].map((destinationPort) => udpFrame({ destinationPort })),
  );
  expect(tried.map(({ verdict }) => verdict)).toEqual(['continue', 'continue', 'continue', 'drop', 'continue', 'drop']);
});

test('init runs once, tick with the time; state and counters are read by name', async () => {
  const { release, debug } = await built(
    `import { state, counters } from './generated';
     export function init(): void { state.kept = isStateKept() ? 2 : 1; }
     export function tick(time: u64): void { counters.ticks++; state.last = time; }
     export function filter(packet: Packet): Verdict { state.sizes.set(1, <u16>packet.length); return Verdict.Continue; }`,
    {
      counters: ['ticks'],
      tickMilliseconds: 10,
      state: { version: 1, fields: { kept: { type: 'u8' }, last: { type: 'u64' }, sizes: { type: 'u16', length: 2 } } },
    },
  );
  for (const bytes of [bytesOf(release), bytesOf(debug)]) {
    const filter = await wasmFilter(bytes);
    await using trial = await openTrial(filter);
    for (const now of [0, 5e6, 20e6, 21e6, 40e6]) await trial.send(tcpFrame(), { now });
    expect(trial.summary().counters).toEqual({ ticks: 2 });
    expect(trial.state()).toMatchObject({ kept: 1, last: 40_000_000n });
    expect([...(trial.state()?.['sizes'] as Uint16Array)]).toEqual([0, 54]);
  }
});

test('a debug build says what it traces; texts stand in the manifest', async () => {
  folder.write(
    sources(`${HEAD}export function filter(packet: Packet): Verdict {
      trace('length {} of port {}', packet.length, packet.destinationPort);
      trace('again');
      return Verdict.Continue; }`),
  );
  await expect(build(folder.path)).rejects.toThrow('trace');
  const { debug } = await build(folder.path, { targets: ['debug'] });
  const bytes = bytesOf(debug);
  expect((await inspectModule(bytes, 'sample')).manifest.messages).toEqual(['length {} of port {}', 'again']);
  const filter = await wasmFilter(bytes);
  const said: string[] = [];
  const ports = { in: queue(), out: queue() };
  const line = await openPipeline({ ports, filters: [filter()], log: (text) => said.push(text) });
  const running = line.run();
  await ports.in.send(udpFrame({ destinationPort: 53 }));
  while (line.summary().filters[0]?.packets !== 1) await new Promise(setImmediate);
  await line.close();
  await running;
  expect(said).toEqual(['filter sample: packet 0: length 42 of port 53', 'filter sample: packet 0: again']);
});
