import type { Command } from '../command.ts';

/** `tapline demo`: the command line of it; `demo.ts` does it. */
export const demoCommand: Command = {
  name: 'demo',
  summary: 'two machines, three filters and real traffic, for a few seconds',
  usage: ['demo'],
  operands: 0,
  options: {},
  notes: [
    'Makes two network namespaces of its own with a TAP device in each, joins them by a line with three filters, and sends\npings, a web transfer, and datagrams that a filter drops. Nothing outside these namespaces is touched, and nothing is\nleft behind. Without root it runs in a user namespace; where there can be no devices, in memory.',
    'Exit code 0: every number adds up.',
  ],
  examples: [
    { about: 'watch it', line: 'tapline demo' },
    { about: 'keep only the result', line: 'tapline demo 2>/dev/null' },
  ],
  async run() {
    const { demo } = await import('./demo.ts');
    return demo();
  },
};
