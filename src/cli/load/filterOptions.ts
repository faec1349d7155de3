import type { OptionTable } from '../command.ts';

/** The options by which a command line puts filters into a line. */
export const filterOptions: OptionTable = {
  filter: {
    type: 'string',
    short: 'f',
    multiple: true,
    mayBeEmpty: true,
    value: 'FILE|EXPR',
    help: 'append a filter: a .wasm, .ts, .mts, .mjs or .js file, the folder of a built package, npm:NAME, or a pcap expression that packets must match',
  },
  drop: {
    type: 'string',
    multiple: true,
    mayBeEmpty: true,
    value: 'EXPR',
    help: 'append a filter that drops what matches a pcap expression',
  },
  set: { type: 'string', multiple: true, value: 'FILTER.FIELD=VALUE', help: 'configure a filter' },
};
