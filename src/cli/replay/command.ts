import type { Command } from '../command.ts';
import { filterOptions } from '../load/filterOptions.ts';

/** `tapline replay`: the command line of it; `replay.ts` does it. */
export const replayCommand: Command = {
  name: 'replay',
  summary: 'send the packets of a capture file through filters, to another file or onto a device',
  usage: ['replay CAPTURE [--filter FILE|EXPR]… [-w CAPTURE] [OPTION]…', 'replay CAPTURE --to-tap NAME [OPTION]…'],
  operands: 1,
  options: {
    ...filterOptions,
    write: {
      type: 'string',
      short: 'w',
      value: 'CAPTURE',
      help: 'write what passes the filters, as pcapng (or .pcap; .gz behind it; - is stdout)',
    },
    segment: {
      type: 'boolean',
      help: 'with --write: cut TCP packets that are longer than an MTU of 1500, with complete checksums',
    },
    record: {
      type: 'string',
      value: 'CAPTURE',
      help: 'write everything as it came in, with what became of it as a comment',
    },
    speed: {
      type: 'string',
      value: 'SPEED',
      help: 'max (default), real (as it was captured), or a multiple of that: 2x, 0.5x',
    },
    'to-tap': { type: 'string', value: 'NAME', help: 'send what passes onto a TAP device' },
    'to-tun': { type: 'string', value: 'NAME', help: 'send what passes onto a TUN device' },
    address: { type: 'string', multiple: true, value: 'ADDRESS/LENGTH', help: 'give that device an address' },
    netns: { type: 'string', value: 'NAMESPACE', help: 'put it into a network namespace' },
    json: { type: 'boolean', short: 'j', help: 'print the summary as JSON on stdout' },
  },
  notes: [
    'CAPTURE is pcap or pcapng, plain or gzip; - is standard input. A file that is damaged is replayed as far as it goes,\nand the exit code is 1.',
    'SIGINT and SIGTERM stop it with a summary and exit code 0, SIGUSR1 shows the counters while it runs,\nSIGUSR2 hands what was written so far to the system.',
  ],
  examples: [
    { about: 'what a filter would have done', line: 'tapline replay in.pcap --filter ./drop-telnet.mjs' },
    { about: 'what it lets through', line: 'tapline replay in.pcap -f ./drop-telnet.mjs -w out.pcapng' },
    { about: 'what it drops, and why', line: 'tapline replay in.pcap -f ./drop-telnet.mjs --record all.pcapng' },
    { about: 'into a network, as fast as it was captured', line: 'tapline replay in.pcap --to-tap lan0 --speed real' },
    { about: 'from a pipe into a pipe', line: 'zstdcat in.pcap.zst | tapline replay - -w - | tcpdump -n -r -' },
  ],
  async run(given) {
    const { replay } = await import('./replay.ts');
    return replay(given);
  },
};
