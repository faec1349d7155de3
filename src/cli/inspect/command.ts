import type { Command } from '../command.ts';

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'say what a compiled filter is and wants, before anything of it runs',
  usage: ['inspect FILTER [--json]'],
  operands: 1,
  options: {
    json: { type: 'boolean', short: 'j', help: 'print everything as JSON on stdout' },
  },
  notes: [
    'FILTER is a .wasm file, the folder of a built package, or npm:NAME of an installed one. Exit code 1: a line would\nrefuse it; stderr says why.',
  ],
  examples: [
    { about: 'a file', line: 'tapline inspect ./filter.wasm' },
    { about: 'an installed package', line: 'tapline inspect npm:tapline-rate-limit' },
  ],
  async run(given) {
    const { inspect } = await import('./inspect.ts');
    return inspect(given);
  },
};
