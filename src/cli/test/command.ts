import type { Command } from '../command.ts';

export const testCommand: Command = {
  name: 'test',
  summary: "build a filter's package and run its tests",
  usage: ['test [FOLDER]'],
  operands: 1,
  options: {
    filter: { type: 'string', short: 't', value: 'TEXT', help: 'run only tests whose names contain TEXT' },
  },
  notes: ['Tests run by the vitest of the package. Exit code 0: all passed.'],
  examples: [
    { about: 'the package in this folder', line: 'tapline test' },
    { about: 'one test of it', line: 'tapline test -t burst' },
  ],
  async run(given) {
    const { testFilter } = await import('./testFilter.ts');
    return testFilter(given);
  },
};
