import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.ts';
import { offloadNames } from '../../src/device/offloadMask.ts';
import { openPipeline, queue } from '../../src/index.ts';
import { negotiateOffloads } from '../../src/pipeline/negotiate.ts';

const CSUM = L.OFFLOAD_CSUM;
const TSO = L.OFFLOAD_TSO4 | L.OFFLOAD_TSO6;
const USO = L.OFFLOAD_USO4 | L.OFFLOAD_USO6;

/** What the ports `a`, `b`, `c` may use, given what they were granted. */
function negotiate(granted: readonly number[], routes: Record<string, string>): string[][] {
  const ports = granted.map((offloads, i) => ({ name: 'abc'[i] ?? '', offloads }));
  return [...negotiateOffloads(ports, routes).values()].map(offloadNames);
}

describe('negotiateOffloads', () => {
  const bridge = { a: 'b', b: 'a' };
  const table: (readonly [
    title: string,
    granted: readonly number[],
    routes: Record<string, string>,
    wanted: string[][],
  ])[] = [
    [
      'equal ports keep all',
      [CSUM | TSO | USO, CSUM | TSO | USO],
      bridge,
      Array<string[]>(2).fill(['csum', 'tso4', 'tso6', 'uso4', 'uso6']),
    ],
    ['what the target does not take is not used', [CSUM | TSO, CSUM], bridge, [['csum'], ['csum']]],
    ['a port without offloads ends all', [CSUM | TSO, 0], bridge, [[], []]],
    [
      'each direction is for itself',
      [CSUM | TSO, CSUM, CSUM | TSO],
      { a: 'c', b: 'c', c: 'b' },
      [['csum', 'tso4', 'tso6'], ['csum'], ['csum']],
    ],
    [
      'a port without a route is bound by all',
      [CSUM | TSO, CSUM | L.OFFLOAD_TSO4],
      { a: 'a' },
      [
        ['csum', 'tso4', 'tso6'],
        ['csum', 'tso4'],
      ],
    ],
    ['one port that reflects keeps its own', [CSUM | TSO], {}, [['csum', 'tso4', 'tso6']]],
    ['USO comes for both versions or not at all', [CSUM | USO, CSUM | L.OFFLOAD_USO4], bridge, [['csum'], ['csum']]],
    ['nothing without csum', [TSO, TSO], bridge, [[], []]],
    [
      'tsoEcn by itself',
      [CSUM | TSO | L.OFFLOAD_TSO_ECN, CSUM | TSO],
      bridge,
      [
        ['csum', 'tso4', 'tso6'],
        ['csum', 'tso4', 'tso6'],
      ],
    ],
  ];
  for (const [title, granted, routes, wanted] of table) {
    it(title, () => {
      expect(negotiate(granted, routes)).toEqual(wanted);
    });
  }

  it('is not led astray by a port that is called like a method', () => {
    const ports = ['constructor', 'b'].map((name) => ({ name, offloads: CSUM }));
    expect(negotiateOffloads(ports, {}).get('constructor')).toBe(CSUM);
  });
});

describe('a line', () => {
  it('says which offloads its ports use', async () => {
    const [a, b] = [
      queue({ virtioHeader: true, offloads: 'all' }),
      queue({ virtioHeader: true, offloads: ['csum', 'tso4'] }),
    ];
    const line = await openPipeline({ ports: { a, b } });
    expect(line.ports.get('a')).toEqual({ name: 'a', offloads: ['csum', 'tso4'], target: a });
    await line.close();
  });
});
