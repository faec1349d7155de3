import type { Command } from '../command.ts';
import { has } from '../given.ts';

/** `tapline devices`: the command line of it; `devices.ts` does it. */
export const devicesCommand: Command = {
  name: 'devices',
  summary: 'list the TUN and TAP devices of this network namespace',
  usage: ['devices [--json]'],
  operands: 0,
  options: {
    json: { type: 'boolean', short: 'j', help: 'print a JSON array with the names of `ip -d -j -s link`' },
  },
  notes: ['Counters are the kernel’s: rx is what was written to the device, tx what was read from it.'],
  examples: [
    { about: 'a table', line: 'tapline devices' },
    {
      about: 'packets that nobody read in time',
      line: "tapline devices -j | jq '.[] | [.ifname, .stats64.tx.dropped]'",
    },
  ],
  async run(given) {
    const { devices } = await import('./devices.ts');
    return devices(has(given, 'json'));
  },
};
