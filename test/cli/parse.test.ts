import { describe, expect, it } from 'vitest';

import type { Command } from '../../src/cli/command.ts';
import { has, valueOf, valuesOf } from '../../src/cli/given.ts';
import { parse } from '../../src/cli/parse.ts';
import { UsageError } from '../../src/cli/usageError.ts';

const command: Command = {
  name: 'test',
  summary: '',
  usage: [],
  operands: 1,
  options: {
    tap: { type: 'string', multiple: true, value: 'NAME', help: '' },
    filter: { type: 'string', short: 'f', multiple: true, help: '' },
    mtu: { type: 'string', value: 'BYTES', help: '' },
    json: { type: 'boolean', short: 'j', help: '' },
  },
  examples: [],
  run: () => Promise.resolve(0),
};

describe('parse', () => {
  it('keeps the order of options and operands', () => {
    const given = parse(command, ['--tap', 'b', 'file', '-f', 'x', '--tap=a', '-j']);
    expect(given.options).toEqual([
      { name: 'tap', value: 'b' },
      { name: 'filter', value: 'x' },
      { name: 'tap', value: 'a' },
      { name: 'json', value: '' },
    ]);
    expect(given.operands).toEqual(['file']);
    expect(valuesOf(given, 'tap')).toEqual(['b', 'a']);
    expect(valueOf(given, 'mtu')).toBeUndefined();
    expect(has(given, 'json')).toBe(true);
  });

  it('takes everything behind -- for operands', () => {
    expect(parse(command, ['--', '--tap']).operands).toEqual(['--tap']);
  });

  it('takes a value that begins with a dash when it is attached', () => {
    expect(valueOf(parse(command, ['--tap=-x']), 'tap')).toBe('-x');
  });

  it('takes an empty value where it means something', () => {
    const options = { ...command.options, filter: { type: 'string', mayBeEmpty: true, help: '' } } as const;
    for (const args of [['--filter', ''], ['--filter=']]) {
      expect(valueOf(parse({ ...command, options }, args), 'filter')).toBe('');
    }
    expect(() => parse({ ...command, options }, ['--filter'])).toThrow('needs a value');
  });

  it.each([
    [['--tpa', 'x'], "Unknown option --tpa: did you mean '--tap'?"],
    [['--fliter=x'], "Unknown option --fliter: did you mean '--filter'?"],
    [['--frobnicate'], 'Unknown option --frobnicate'],
    [['--constructor'], 'Unknown option --constructor'],
    [['--__proto__=x'], 'Unknown option --__proto__'],
    [['-x'], 'Unknown option -x'],
    [['--tap'], 'Option --tap needs a value: --tap NAME'],
    [['--tap='], 'Option --tap needs a value: --tap NAME'],
    [['-f'], 'Option -f needs a value: -f VALUE'],
    [
      ['--tap', '--mtu', '9'],
      'Option --tap needs a value: --tap NAME, got the option --mtu (write --tap=--mtu if it is meant)',
    ],
    [['--mtu', '1', '--mtu', '2'], 'Option --mtu was given twice: it takes one value'],
    [['--json=yes'], 'Option --json takes no value, got "yes"'],
    [['a', 'b'], 'Unexpected argument "b" after "a"'],
  ])('refuses %j', (args, message) => {
    expect(() => parse(command, args)).toThrow(new UsageError(message));
  });

  it('refuses any operand where there are none', () => {
    expect(() => parse({ ...command, operands: 0 }, ['x'])).toThrow('Unexpected argument "x": test takes only options');
  });
});
