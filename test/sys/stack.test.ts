import { describe, expect, it } from 'vitest';

import { Stack } from '../../src/sys/stack.ts';

describe('Stack', () => {
  it('releases in reverse order when it is left', () => {
    const log: string[] = [];
    {
      using stack = new Stack();
      stack.adopt('a', (value) => log.push(value));
      stack.adopt('b', (value) => log.push(value));
    }
    expect(log).toEqual(['b', 'a']);
  });

  it('releases nothing after move, and its new owner everything', () => {
    const log: string[] = [];
    let owner: Stack;
    {
      using stack = new Stack();
      stack.adopt('a', (value) => log.push(value));
      owner = stack.move();
    }
    expect(log).toEqual([]);
    owner[Symbol.dispose]();
    owner[Symbol.dispose]();
    expect(log).toEqual(['a']);
  });
});
