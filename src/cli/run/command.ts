import type { Command } from '../command.ts';
import { filterOptions } from '../load/filterOptions.ts';

/** `tapline run`: the command line of it; `run.ts` does it. */
export const runCommand: Command = {
  name: 'run',
  summary: 'move packets between devices, through filters, until it is stopped',
  usage: [
    'run --tap NAME [--tap NAME] [--filter FILE|EXPR]… [OPTION]…',
    'run PIPELINE_FILE [--filter FILE|EXPR]… [OPTION]…',
  ],
  operands: 1,
  options: {
    tap: { type: 'string', multiple: true, value: 'NAME', help: 'open a TAP device (Ethernet frames) as a port' },
    tun: { type: 'string', multiple: true, value: 'NAME', help: 'open a TUN device (IP packets) as a port' },
    ...filterOptions,
    watch: {
      type: 'boolean',
      help: 'build filters that are folders again at every save, and exchange them in the line',
    },
    write: {
      type: 'string',
      short: 'w',
      value: 'CAPTURE',
      help: 'capture everything that comes in, with what became of it, as pcapng (or .pcap; .gz behind it; - is stdout)',
    },
    segment: {
      type: 'boolean',
      help: 'with --write: cut super-packets, and complete checksums that are left to the kernel',
    },
    address: {
      type: 'string',
      multiple: true,
      value: 'PORT=ADDRESS/LENGTH',
      help: 'give a port an address, as in lan0=10.0.0.1/24',
    },
    mtu: { type: 'string', value: 'BYTES', help: 'MTU of all ports (default 1500)' },
    netns: {
      type: 'string',
      multiple: true,
      value: 'PORT=NAMESPACE',
      help: 'put a port into a network namespace: a name, a path, or the id of a process in it',
    },
    offloads: {
      type: 'string',
      value: 'LIST',
      help: 'all (default), none, or some of csum,tso4,tso6,tsoEcn,uso4,uso6',
    },
    engine: { type: 'string', value: 'NAME', help: 'auto (default), uring or readloop' },
    queues: {
      type: 'string',
      value: 'N',
      help: 'share the work among N worker threads, each with a queue of every port (1 to 64)',
    },
    'busy-poll': {
      type: 'string',
      value: 'MICROSECONDS',
      help: 'keep asking so long before waiting (default 0)',
    },
    json: { type: 'boolean', short: 'j', help: 'print the summary as JSON on stdout' },
    verbose: { type: 'boolean', short: 'v', help: 'say on stderr which engine runs, and why' },
  },
  notes: [
    'Two ports are bridged. One port sends nothing out but what a filter reflects. For more, write a pipeline file, whose\ndefault export is { ports, routes, filters }; it takes --filter, --drop, --write, --engine, --queues and --json, but no ports.',
    'SIGINT and SIGTERM stop it with a summary and exit code 0, SIGUSR1 shows the counters while it runs,\nSIGUSR2 hands what was captured so far to the system.',
  ],
  examples: [
    { about: 'a bridge that drops telnet', line: 'tapline run --tap lan0 --tap wan0 --filter ./drop-telnet.mjs' },
    {
      about: 'a bridge for web traffic only',
      line: "tapline run --tap lan0 --tap wan0 --filter 'arp or tcp port 80 or 443'",
    },
    {
      about: 'a machine that answers pings, where there is none',
      line: 'tapline run --tun echo0 --address echo0=10.99.0.1/24 --filter ./responder.mjs',
    },
    {
      about: 'a wire between two namespaces',
      line: 'tapline run --tap a0 --netns a0=left --tap b0 --netns b0=right',
    },
    {
      about: 'what is dropped, and why, in Wireshark while it happens',
      line: 'tapline run --tap lan0 --tap wan0 --filter ./drop-telnet.mjs -w - | wireshark -k -i -',
    },
    { about: 'what flags do not say', line: 'tapline run ./pipeline.mjs --json' },
  ],
  async run(given) {
    const { run } = await import('./run.ts');
    return run(given);
  },
};
