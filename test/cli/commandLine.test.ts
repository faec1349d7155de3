import { describe, expect, it } from 'vitest';

import { benchCommand } from '../../src/cli/bench/command.ts';
import { demoCommand } from '../../src/cli/demo/command.ts';
import { devicesCommand } from '../../src/cli/devices/command.ts';
import { doctorCommand } from '../../src/cli/doctor/command.ts';
import { replayCommand } from '../../src/cli/replay/command.ts';
import { runCommand } from '../../src/cli/run/command.ts';
import { tapline } from './support/tapline.ts';

const commands = [runCommand, replayCommand, devicesCommand, doctorCommand, demoCommand, benchCommand];

describe('tapline', () => {
  it('without arguments shows help on stderr, exit code 2', () => {
    const { code, stdout, stderr } = tapline([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const { name, summary } of commands) expect(stderr).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
  });

  it.each(['--help', '-h', 'help'])('%s shows the same on stdout, exit code 0', (flag) => {
    expect(tapline([flag])).toEqual({ code: 0, stdout: tapline([]).stderr, stderr: '' });
  });

  it.each(['--version', '-V'])('%s shows the version', (flag) => {
    const { code, stdout } = tapline([flag]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tapline \d+\.\d+\.\d+ \(node /);
  });

  it.each([
    [['rnu'], "tapline: Unknown command rnu: did you mean 'run'?\nTry: tapline --help\n"],
    [['docter', '--json'], "tapline: Unknown command docter: did you mean 'doctor'?\nTry: tapline --help\n"],
    [['frobnicate'], 'tapline: Unknown command frobnicate\nTry: tapline --help\n'],
    [['--hepl'], "tapline: Unknown option --hepl: did you mean '--help'?\nTry: tapline --help\n"],
    [['run', '--tpa', 'x'], "tapline run: Unknown option --tpa: did you mean '--tap'?\nTry: tapline run --help\n"],
    [
      ['replay', 'x', '--sped', '2x'],
      "tapline replay: Unknown option --sped: did you mean '--speed'?\nTry: tapline replay --help\n",
    ],
    [
      ['devices', 'tap0'],
      'tapline devices: Unexpected argument "tap0": devices takes only options\nTry: tapline devices --help\n',
    ],
  ])('%j is a usage error', (args, stderr) => {
    expect(tapline(args)).toEqual({ code: 2, stdout: '', stderr });
  });
});

describe.each(commands.map((command) => [command.name, command] as const))('tapline %s', (name, command) => {
  it.each([
    ['--help', [name, '--help']],
    ['-h', [name, '-h']],
    ['help before it', ['help', name]],
    ['--help behind nonsense', [name, '--nonsense', '--help']],
  ])('%s shows its options and examples', (_, args) => {
    const { code, stdout, stderr } = tapline(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const [option, { short, help }] of Object.entries(command.options)) {
      expect(stdout).toContain(short === undefined ? `    --${option}` : `-${short}, --${option}`);
      expect(stdout).toContain(help);
    }
    for (const { line } of command.examples) expect(stdout).toContain(line);
    expect(command.examples.length).toBeGreaterThan(0);
  });
});
