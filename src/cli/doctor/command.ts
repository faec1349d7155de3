import type { Command } from '../command.ts';
import { has } from '../given.ts';

/** `tapline doctor`: the command line of it; `doctor.ts` does it. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'say whether this system has what tapline needs, and what to do if not',
  usage: ['doctor [--json]'],
  operands: 0,
  options: { json: { type: 'boolean', short: 'j', help: 'print one JSON object' } },
  notes: [
    'Opens a TAP device for a moment and closes it again. Exit code 0: devices can be opened; 1: they cannot. A warning\nmeans slower or less convenient.',
  ],
  examples: [
    { about: 'for people', line: 'tapline doctor' },
    { about: 'for scripts', line: 'tapline doctor --json | jq .ok' },
  ],
  async run(given) {
    const { doctor } = await import('./doctor.ts');
    return doctor(has(given, 'json'));
  },
};
