import type { Command } from '../command.ts';

export const newCommand: Command = {
  name: 'new',
  summary: 'write a new filter, with tests, ready to be built',
  usage: ['new NAME [--template TEMPLATE]'],
  operands: 1,
  options: {
    template: {
      type: 'string',
      short: 't',
      value: 'TEMPLATE',
      help: 'drop-port (default), rate-limit, rewrite or counter',
    },
  },
  notes: [
    'NAME is a new folder, and the name of the package in it. Nothing is overwritten. The filter is written in\nAssemblyScript; neither root nor a device is needed to build and test it.',
  ],
  examples: [
    { about: 'a filter that drops a port', line: 'tapline new my-filter' },
    { about: 'one that limits each source', line: 'tapline new calm --template rate-limit' },
  ],
  async run(given) {
    const { makeFilter } = await import('./makeFilter.ts');
    return makeFilter(given);
  },
};
