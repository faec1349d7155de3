import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The rooms of the house, each with the rooms it may import from. Everything may use `errors` and `suggest`, which use
 * nothing. Nobody imports from `cli`.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  sys: [],
  device: ['sys'],
  capture: [],
  pcap: ['assembly'],
  core: ['assembly'],
  engine: ['sys', 'capture', 'assembly'],
  filter: ['core', 'pcap', 'assembly'],
  wasm: ['filter', 'core', 'capture', 'assembly'],
  pipeline: ['filter', 'pcap', 'core', 'engine', 'device', 'capture', 'sys', 'assembly'],
  lanes: ['pipeline', 'wasm', 'filter', 'engine', 'device', 'core'],
  author: ['wasm', 'filter', 'core', 'assembly'],
  testing: ['filter', 'core', 'engine', 'pipeline', 'capture', 'assembly'],
  bench: ['index', 'testing', 'pipeline', 'wasm', 'filter', 'core', 'sys', 'assembly'],
  cli: [
    'index',
    'filter',
    'pcap',
    'core',
    'wasm',
    'pipeline',
    'device',
    'testing',
    'author',
    'capture',
    'bench',
    'lanes',
  ],
};
const everyones = ['errors', 'suggest'];

/** Of `assembly`, TypeScript sees the memory maps and the header fields. */
const portable = ['layout', 'fields', 'abi', 'ringLayout', 'filter/tableLayout'].map((name) => `assembly/${name}.ts`);

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...found].map(([, specifier = '']) => ({
    from: file,
    to: specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier,
  }));
}

function roomOf(file: string): string {
  const [top = '', room = ''] = file.split('/');
  return top === 'src' ? room.replace(/\.ts$/, '') : top;
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name))
  .sort();
const imports = files.flatMap(importsOf);

describe('architecture', () => {
  it('knows every room', () => {
    const known = [...Object.keys(rooms), ...everyones, 'index'];
    expect(files.map(roomOf).filter((room) => !known.includes(room))).toEqual([]);
  });

  it('has arrows that run one way', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [source, target] = [roomOf(from), roomOf(to)];
      if (!to.startsWith('src/') && !to.startsWith('assembly/')) return false;
      if (source === target || source === 'index' || everyones.includes(target)) return false;
      return !(rooms[source] ?? []).includes(target);
    });
    expect(wrong).toEqual([]);
  });

  it('lets everyones’ files import nothing of ours', () => {
    const wrong = imports.filter(({ from, to }) => everyones.includes(roomOf(from)) && to.startsWith('src/'));
    expect(wrong).toEqual([]);
  });

  it('shows TypeScript only the portable files of assembly', () => {
    const wrong = imports.filter(({ to }) => to.startsWith('assembly/') && !portable.includes(to));
    expect(wrong).toEqual([]);
  });

  it('knows the ring memory only in the engine that owns it', () => {
    const secrets = ['assembly/ringLayout.ts', 'src/engine/uring/driver.ts', 'src/engine/uring/ringMemory.ts'];
    const wrong = imports.filter(({ from, to }) => secrets.includes(to) && !from.startsWith('src/engine/uring/'));
    expect(wrong).toEqual([]);
  });

  it('knows koffi only in sys', () => {
    expect(imports.filter(({ from, to }) => to === 'koffi' && roomOf(from) !== 'sys')).toEqual([]);
  });

  it('loads koffi only when a device is opened', () => {
    const text = readFileSync('src/sys/libc.ts', 'utf8');
    expect(text).not.toMatch(/^import (?!type).*'koffi'/m);
    expect(text).toMatch(/await import\('koffi'\)/);
  });

  it('has no circle between rooms', () => {
    const visit = (room: string, path: readonly string[]): void => {
      expect(path, `circle: ${[...path, room].join(' → ')}`).not.toContain(room);
      for (const next of rooms[room] ?? []) visit(next, [...path, room]);
    };
    for (const room of Object.keys(rooms)) visit(room, []);
  });

  it('loads tinybench only when a function is timed', () => {
    const users = imports.filter(({ to }) => to === 'tinybench').map(({ from }) => from);
    expect(users).toEqual(['src/bench/micro/functionCase.ts']);
    expect(readFileSync('src/bench/micro/functionCase.ts', 'utf8')).toMatch(/await import\('tinybench'\)/);
  });

  it('has no top-level await in the library, so that CommonJS can require it', () => {
    const library = files.filter((file) => roomOf(file) !== 'cli');
    const found = library.filter((file) => /^(?:const .*= )?await /m.test(readFileSync(file, 'utf8')));
    expect(found).toEqual([]);
  });
});
