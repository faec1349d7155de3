import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compile } from '../../../src/author/compile.ts';
import { count, destinationPort, drop, filterOf } from './wat.ts';

/** A filter that must do the same in a sandbox and in place. */
export interface TestFilter {
  readonly name: string;
  readonly bytes: () => Uint8Array | Promise<Uint8Array>;
  readonly config?: Readonly<Record<string, unknown>>;
}

const MODIFIED = '(i32.store8 offset=1 (local.get $outcome) (i32.const 1))';
const LENGTH = '(i32.load offset=4 (local.get $descriptor))';
const flow = (mask: number): string => `(i32.and (i32.load offset=24 (local.get $descriptor)) (i32.const ${mask}))`;

/** Reads byte 70, as an author's view does: short, or outside of the window, where it is not there. */
const BYTE_70 = `
  (if (i32.le_u ${LENGTH} (i32.const 70))
    (then (i32.store8 offset=1 (local.get $outcome) (i32.const 4)) (br $judged)))
  (if (i32.le_u (i32.load offset=56 (local.get $call)) (i32.const 70))
    (then (i32.store8 offset=1 (local.get $outcome) (i32.const 8)) (br $judged)))
  (br_if $judged (i32.and (i32.load8_u offset=70 (local.get $frame)) (i32.const 1)))
  ${drop(1)}`;

const PUSH = `
  (if (i32.lt_u (i32.load offset=60 (local.get $call)) (i32.const 4)) (then ${drop(0x8005)} (br $judged)))
  (i64.store align=1 (i32.sub (local.get $frame) (i32.const 4)) (i64.load align=1 (local.get $frame)))
  (i32.store offset=4 align=1 (local.get $frame) (i32.load offset=8 align=1 (local.get $frame)))
  (i32.store offset=8 align=1 (local.get $frame) (i32.const 0x05000081))
  (i32.store16 offset=6 (local.get $outcome) (i32.const -4))
  ${MODIFIED}`;

/** Cuts the frame to 60 bytes, or makes it 8 bytes longer where that is inside the window. */
const RESIZE = `
  (if (i32.ge_u ${LENGTH} (i32.const 80))
    (then (i32.store offset=12 (local.get $outcome) (i32.sub (i32.const 60) ${LENGTH})))
    (else
      (i64.store align=1 (i32.add (local.get $frame) ${LENGTH}) (i64.const 0x0807060504030201))
      (i32.store offset=12 (local.get $outcome) (i32.const 8))))
  ${MODIFIED}`;

/** What has no default. */
const configs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { 'sni-blocker': { zone: 0x1234 } };

/** Every filter that this project shows to its users. */
const examples: readonly TestFilter[] = readdirSync('examples', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join('examples', entry.name, 'filter.json')))
  .map(({ name }) => ({
    name: `is examples/${name}`,
    bytes: async () => (await compile(resolve('examples', name), 'release')).wasm,
    config: configs[name] ?? {},
  }));

export const testFilters: readonly TestFilter[] = [
  ...examples,
  {
    name: 'drops by port',
    bytes: () =>
      filterOf(`${count(0)} (br_if $judged (i32.ne ${destinationPort} (i32.const 53))) ${drop(1)}`, {
        counters: ['n'],
        reasons: ['x'],
      }),
  },
  { name: 'reads inside its window', bytes: () => filterOf(BYTE_70, { reasons: ['even'], onShort: 'drop' }) },
  {
    name: 'reads outside of its window',
    bytes: () => filterOf(BYTE_70, { reasons: ['even'], window: 64, onOutside: 'drop' }),
  },
  { name: 'sees no bytes at all', bytes: () => filterOf(BYTE_70, { reasons: ['even'], window: 0 }) },
  { name: 'pushes', bytes: () => filterOf(PUSH, { writes: true, headroom: 4 }) },
  { name: 'pushes more than it said', bytes: () => filterOf(PUSH.replace('-4', '-5'), { writes: true, headroom: 4 }) },
  {
    name: 'pops',
    bytes: () => filterOf(`(i32.store16 offset=6 (local.get $outcome) (i32.const 14)) ${MODIFIED}`, { writes: true }),
  },
  { name: 'cuts and extends', bytes: () => filterOf(RESIZE, { writes: true }) },
  {
    name: 'extends beyond its window',
    bytes: () => filterOf(`(i32.store offset=12 (local.get $outcome) (i32.const 200)) ${MODIFIED}`, { writes: true }),
  },
  {
    name: 'edits, and says that it does not',
    bytes: () => filterOf(`(i32.store16 offset=6 (local.get $outcome) (i32.const 14)) ${MODIFIED}`),
  },
  {
    name: 'traps',
    bytes: () =>
      filterOf(`(if (i32.eqz ${flow(7)}) (then unreachable)) ${count(0)}`, {
        counters: ['n'],
        onError: 'pass',
        breaker: { traps: 1_000_000, then: 'closed' },
      }),
  },
  {
    name: 'draws lots',
    bytes: () =>
      filterOf(
        `(if (i64.eqz (i64.and (i64.xor (i64.load offset=32 (local.get $call)) (i64.extend_i32_u ${flow(0xff)})) (i64.const 3))) (then ${drop()}))
         (i32.store offset=8 (local.get $outcome) (i32.load offset=36 (local.get $call)))`,
      ),
  },
  {
    name: 'keeps state',
    bytes: () =>
      filterOf(
        `(local.set $index (i32.add (i32.load offset=48 (local.get $call)) ${flow(0xfc)}))
         (i32.store (local.get $index) (i32.add (i32.load (local.get $index)) (i32.const 1)))
         (if (i32.gt_u (i32.load (local.get $index)) (i32.const 20)) (then ${drop()}))`,
        { state: { version: 1, bytes: 256 } },
      ),
  },
  {
    name: 'redirects and mirrors to where nothing is',
    bytes: () => filterOf('(i32.store (local.get $outcome) (i32.const 0x09090204))'),
  },
  {
    name: 'says what does not exist',
    bytes: () =>
      filterOf(
        '(i64.store (local.get $outcome) (i64.const -1)) (i64.store offset=8 (local.get $outcome) (i64.const -1))',
        { writes: true },
      ),
  },
];
