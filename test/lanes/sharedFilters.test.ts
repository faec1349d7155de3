import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pcapFilter } from '../../src/index.ts';
import type { Lane } from '../../src/lanes/lane.ts';
import { SharedFilters, wantedOf } from '../../src/lanes/sharedFilters.ts';

const named = (name: string) => pcapFilter('udp', { name });

/** A lane that takes every change, but for verbs that it refuses, and notes what it was asked for. */
function fakeLane(...refused: string[]): { readonly lane: Lane; readonly asked: unknown[][] } {
  const asked: unknown[][] = [];
  const lane = {
    isOpen: true,
    forget: () => undefined,
    ask(verb: string, ...parameters: unknown[]) {
      asked.push([verb, ...parameters]);
      if (refused.includes(verb)) return Promise.reject(new RangeError('it is too late'));
      const order = parameters[verb === 'add' ? 0 : 1] as { filter?: { options?: { name: string } } } | undefined;
      return Promise.resolve(order?.filter?.options?.name);
    },
  };
  return { lane: lane as unknown as Lane, asked };
}

describe('filters of several lanes', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('go back in all lanes where one went back, however late that is heard; with name and configuration', async () => {
    const [one, other] = [fakeLane(), fakeLane('revert')];
    const filters = new SharedFilters([one.lane, other.lane]);
    filters.begin([wantedOf(named('a'))], ['a']);
    await filters.configure('a', { level: 2 });
    await filters.replace('a', named('b'));
    vi.advanceTimersByTime(6000);
    other.asked.length = 0;
    expect(await filters.goBack(one.lane, 'b')).toEqual(['a']);
    expect(filters.names).toEqual(['a']);
    expect(other.asked).toEqual([
      ['revert', 'b'],
      ['replace', 'b', expect.objectContaining({ name: 'a', changes: { level: 2 } })],
    ]);
    expect(one.asked.at(-1)?.[0]).toBe('replace');
  });

  it('are to blame for a death for five seconds, and not longer', async () => {
    const { lane } = fakeLane();
    const filters = new SharedFilters([lane]);
    filters.begin([wantedOf(named('a'))], ['a']);
    await filters.replace('a', named('b'));
    vi.advanceTimersByTime(3000);
    await filters.replace('b', named('c'));
    expect(await filters.goBackAfterDeath()).toEqual(['b']);
    vi.advanceTimersByTime(3000);
    expect(await filters.goBackAfterDeath()).toEqual([]);
    expect(filters.names).toEqual(['b']);
  });
});
