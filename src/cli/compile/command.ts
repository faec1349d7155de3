import type { Command } from '../command.ts';

/** `tapline compile`: the command line of it; `compile.ts` does it. */
export const compileCommand: Command = {
  name: 'compile',
  summary: 'show what becomes of a pcap expression: the program, as tcpdump prints it, or the WebAssembly',
  usage: ["compile 'EXPRESSION' [-d|-dd|-ddd|--wat|--json] [--link TYPE]"],
  operands: 1,
  options: {
    dump: {
      type: 'boolean',
      short: 'd',
      multiple: true,
      help: 'print the program in words (default); -dd as a C array, -ddd as numbers; as with tcpdump, every d counts',
    },
    wat: { type: 'boolean', help: 'print the WebAssembly as text' },
    json: { type: 'boolean', short: 'j', help: 'print the program as JSON' },
    link: {
      type: 'string',
      value: 'TYPE',
      help: 'ethernet (default: TAP), raw (TUN), ipv4, ipv6, sll, sll2, null or loop',
    },
  },
  notes: [
    'The program is the one that `tcpdump -O` prints: without its optimiser, which changes what some expressions mean.',
  ],
  examples: [
    { about: 'the program', line: "tapline compile 'tcp port 80 and not src net 10.0.0.0/8'" },
    { about: 'for a program in C', line: "tapline compile 'udp port 53' -dd" },
    { about: 'the WebAssembly that runs in a line with TUN ports', line: 'tapline compile ip6 --link raw --wat' },
  ],
  async run(given) {
    const { compile } = await import('./compile.ts');
    return compile(given);
  },
};
