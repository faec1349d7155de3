import { expect, it } from 'vitest';

import { table } from '../../src/cli/table.ts';

it('table aligns words to the left and numbers to the right', () => {
  expect(
    table([
      ['port', 'read', 'note'],
      ['lan', 7, 'x'],
      ['a-long-name', 12345, ''],
    ]),
  ).toEqual(['port          read  note', 'lan              7  x', 'a-long-name  12345']);
});

it('table takes a dash for a missing number', () => {
  expect(table([['n'], ['-'], [100]])).toEqual(['  n', '  -', '100']);
});

it('table takes rows of different lengths, and none', () => {
  expect(table([['a'], ['bb', 'c']])).toEqual(['a', 'bb  c']);
  expect(table([])).toEqual([]);
});
