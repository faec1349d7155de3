import type { Command } from '../command.ts';

export const buildCommand: Command = {
  name: 'build',
  summary: "compile a filter's package to WebAssembly",
  usage: ['build [FOLDER] [--debug] [--json]'],
  operands: 1,
  options: {
    debug: { type: 'boolean', help: 'build the debug module only, which may trace(…)' },
    json: { type: 'boolean', short: 'j', help: 'print the report as JSON on stdout' },
  },
  notes: [
    'FOLDER holds filter.json and assembly/index.ts; by default it is the current one. The build makes build/filter.wasm,\nbuild/filter.debug.wasm with its source map, assembly/generated.ts, index.js and index.d.ts. A build that fails leaves\nthe modules of the one before.',
  ],
  examples: [
    { about: 'the package in this folder', line: 'tapline build' },
    { about: 'another one', line: 'tapline build ./my-filter' },
  ],
  async run(given) {
    const { buildFilter } = await import('./buildFilter.ts');
    return buildFilter(given);
  },
};
