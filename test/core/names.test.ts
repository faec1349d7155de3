import { describe, expect, it } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { BUILT_IN_REASONS, MALFORMED_NAMES, VERDICT_NAMES } from '../../src/core/names.ts';

/** Names of the constants with a prefix, in the order of their values: `REASON_NO_ROUTE` is `noRoute`. */
function namesOf(prefix: string, others: readonly string[] = []): string[] {
  return Object.entries(layout)
    .filter(([name]) => name.startsWith(prefix) && !others.includes(name))
    .sort(([, a], [, b]) => a - b)
    .map(([name]) => camelCase(name.slice(prefix.length)));
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

describe('names', () => {
  it('BUILT_IN_REASONS stand in the order of layout.ts', () => {
    const others = ['REASON_BUILT_IN', 'REASON_BUILT_IN_COUNT', 'REASON_COUNT', 'REASON_BYTES'];
    expect(namesOf('REASON_', others)).toEqual(BUILT_IN_REASONS);
    expect(BUILT_IN_REASONS).toHaveLength(layout.REASON_BUILT_IN_COUNT);
  });

  it('MALFORMED_NAMES stand in the order of layout.ts', () => {
    expect(namesOf('MALFORMED_')).toEqual(MALFORMED_NAMES);
  });

  it('VERDICT_NAMES stand in the order of layout.ts', () => {
    expect(namesOf('VERDICT_', ['VERDICT_ABORT'])).toEqual(VERDICT_NAMES);
  });
});
