import type { Command } from '../command.ts';

/** `tapline bench`: the command line of it; `bench.ts` does it. */
export const benchCommand: Command = {
  name: 'bench',
  summary: 'measure filters, lines and this machine, beside programs in C',
  usage: ['bench [GROUP]… [OPTION]…', 'bench --filter FILE|EXPR [GROUP]… [OPTION]…'],
  operands: Number.POSITIVE_INFINITY,
  options: {
    filter: {
      type: 'string',
      short: 'f',
      multiple: true,
      mayBeEmpty: true,
      value: 'FILE|EXPR',
      help: 'measure these filters instead, alone and in a line: files, folders, npm:NAME or pcap expressions',
    },
    quick: { type: 'boolean', help: 'about a minute, to see that it runs; too few rounds for a baseline' },
    full: { type: 'boolean', help: 'everything, with the rounds that published figures need' },
    json: { type: 'boolean', short: 'j', help: 'print the report as JSON on stdout' },
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE.json',
      help: 'write the report there, and a chart beside it (FILE.svg)',
    },
    baseline: {
      type: 'string',
      short: 'b',
      value: 'FILE.json',
      help: 'compare with a report that was written before; exit code 1 when something is worse',
    },
    seed: { type: 'string', value: 'NUMBER', help: 'seed of the generated traffic (default 1)' },
    list: { type: 'boolean', help: 'list the groups, and how long they take' },
  },
  notes: [
    'A group is a set of cases that take turns, round by round; GROUP is the name of one, or micro, or live. Without any, all\nare measured that the effort allows.',
    'Devices live in namespaces that the run makes for itself and that end with it. Where there can be none, or no C compiler,\nor a tool is missing, that part is left out, and the report says so.',
  ],
  examples: [
    { about: 'how fast is this machine?', line: 'tapline bench' },
    { about: 'what does my filter cost?', line: 'tapline bench --filter ./drop-telnet.mjs' },
    { about: 'and a pcap expression?', line: "tapline bench --filter 'tcp port 80 or arp'" },
    {
      about: 'is the new version slower?',
      line: 'tapline bench -o before.json; git pull; tapline bench -b before.json',
    },
    { about: 'only two groups', line: 'tapline bench dissect relay-60 --quick' },
  ],
  async run(given) {
    const { bench } = await import('./bench.ts');
    return bench(given);
  },
};
