import type { Command } from '../command.ts';

export const devCommand: Command = {
  name: 'dev',
  summary: "build and test a filter's package at every save",
  usage: ['dev [FOLDER]'],
  operands: 1,
  options: {},
  notes: ['Ctrl-C ends it. A build that fails shows file and line, and leaves the modules of the one before.'],
  examples: [{ about: 'the package in this folder', line: 'tapline dev' }],
  async run(given) {
    const { dev } = await import('./dev.ts');
    return dev(given);
  },
};
