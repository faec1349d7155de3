import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/pcap/compile.ts';
import { ExpressionError } from '../../src/pcap/expressionError.ts';
import { EXPRESSION_LIMIT } from '../../src/pcap/language/lexer.ts';
import { judgeModule } from '../../src/pcap/wasm/batch.ts';
import { Random } from './support/random.ts';

function errorOf(expression: string): ExpressionError {
  try {
    compileExpression(expression);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error(`'${expression}' compiles`);
}

describe('errors of expressions', () => {
  it.each([
    ['tcp udp', 5, "missing 'and' or 'or' before 'udp'"],
    ['prot 80', 1, "did you mean 'port'?"],
    ['tcp and prot 80', 9, "did you mean 'port'?"],
    ['tcp port htpt', 10, "the port 'htpt' is not known"],
    ['tcp port 80-90', 10, 'write portrange 80-90'],
    ['tcp port', 9, 'it ends where'],
    ['(tcp', 5, "it ends where ')' is expected"],
    ['tcp)', 4, "unexpected ')'"],
    ['host 10.0.0.1/8', 6, 'has bits outside of its mask'],
    ['host 10.0.0.0/8', 6, "needs 'net'"],
    ['host example.org', 6, 'no resolver was given'],
    ['ip proto tcp', 10, 'write \\tcp'],
    ['ip proto \\icpm', 10, "'icpm' is not known"],
    ['tcp[13:3] = 1', 8, '1, 2 or 4 bytes'],
    ['tcp[13]', 8, 'expected a comparison'],
    ['len = 089', 7, 'a leading 0 makes it octal'],
    ['vlan 4096', 1, 'greater than 4095'],
    ['ip[0] / 0 = 1', 7, 'division by zero'],
    ['type data', 1, 'not supported'],
    ['tcp port "80"', 10, 'has no meaning here'],
    ['10.0.0.1', 1, 'needs host, net, port'],
    ['llc uii', 5, "did you mean 'ui'?"],
  ])('%s', (expression, column, problem) => {
    const error = errorOf(expression);
    expect(error.message).toContain(problem);
    expect([error.code, error.line, error.column]).toEqual(['BAD_EXPRESSION', 1, column]);
  });

  it('show the line and the place', () => {
    const error = errorOf('tcp and\n  port 80 udp\nor ip');
    expect([error.line, error.column]).toEqual([2, 11]);
    expect(error.message.split('\n').slice(1)).toEqual(['    port 80 udp', '            ^']);
  });

  it('show of a long line only the part around the place', () => {
    const error = errorOf(`${'tcp or '.repeat(1000)}prot 80${' or tcp'.repeat(1000)}`);
    expect(error.column).toBe(7001);
    expect(error.message.length).toBeLessThan(400);
    const [, line = '', caret = ''] = error.message.split('\n');
    expect(line.slice(caret.indexOf('^'), caret.indexOf('^') + 4)).toBe('prot');
  });
});

describe('any input', () => {
  it('is an error or a program', () => {
    const random = new Random(21);
    const words = [
      'tcp',
      'and',
      'or',
      'not',
      '(',
      ')',
      '[',
      ']',
      ':',
      '80',
      '10.0.0.1',
      '::1',
      '/',
      'host',
      'port',
      '=',
      '&',
      '-',
      '\\',
      '\0',
      'é',
      '💥',
      'vlan',
      '1:2:3:4:5:6',
      'len',
      '0x',
      '$1',
    ];
    for (let i = 0; i < 20_000; i++) {
      const text = Array.from({ length: random.below(12) }, () =>
        random.chance(0.1) ? String.fromCharCode(random.below(0x300)) : random.pick(words),
      ).join(random.pick(['', ' ']));
      try {
        compileExpression(text, { link: random.pick(['ethernet', 'raw', 'sll'] as const) });
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw new Error(`${JSON.stringify(text)} throws`, { cause: error });
      }
    }
  });

  it.each([
    ['parentheses', '('.repeat(100_000)],
    ['negations', `${'not '.repeat(100_000)}tcp`],
    ['minus signs', `${'-'.repeat(100_000)}1 = 1`],
    ['indices', `${'ip['.repeat(100_000)}0`],
    ['remainders', `len ${'% 3 '.repeat(100_000)}= 1`],
    ['operands in parentheses', `port ${'('.repeat(100_000)}80`],
    ['negated operands', `port ${'not '.repeat(100_000)}80`],
  ])('that nests too deeply is an error: %s', (_, expression) => {
    expect(errorOf(expression).message).toMatch(/nested more than|intermediate values/);
  });

  it('that is too long is an error', () => {
    expect(errorOf('x'.repeat(EXPRESSION_LIMIT + 1)).message).toContain('longer than');
  });

  it('with a long sum is an error or a program', () => {
    const sum = `len ${'+ 1 '.repeat(50_000)}= 5`;
    expect(compileExpression(sum).length).toBeGreaterThan(50_000);
  });

  it('of 5,000 hosts compiles', () => {
    const expression = Array.from({ length: 5000 }, (_, i) => `host 10.0.${i >> 8}.${i & 255}`).join(' or ');
    const program = compileExpression(expression);
    expect(program.length).toBeGreaterThan(100_000);
    const module = judgeModule({ ethernet: program }, { verdict: 0 }, { verdict: 2 });
    expect(WebAssembly.validate(module as Uint8Array<ArrayBuffer>)).toBe(true);
  });
});

describe('names', () => {
  const resolver = {
    addresses: (name: string) => (name === 'both' ? ['10.0.0.1', 'fd00::1'] : name === 'four' ? ['10.0.0.1'] : []),
    network: (name: string) => (name === 'lan' ? '10.0.0.0/8' : name === 'lan6' ? 'fd00::/8' : undefined),
    mac: (name: string) => (name === 'four' ? '02:00:00:00:00:01' : undefined),
    port: (name: string) => (name === 'mine' ? { port: 7777, protocol: 'udp' as const } : undefined),
  };
  const same = (named: string, written: string): void => {
    expect(compileExpression(named, { resolver })).toEqual(compileExpression(written));
  };

  it('are found by the resolver', () => {
    same('host four', 'host 10.0.0.1');
    same('src host both', 'src host 10.0.0.1 or src host fd00::1');
    same('ip6 host both', 'ip6 host fd00::1');
    same('net lan', 'net 10.0.0.0/8');
    same('net lan6', 'net fd00::/8');
    same('ether src four', 'ether src 02:00:00:00:00:01');
    same('port mine', 'udp port 7777');
    same('gateway four', 'ether host 02:00:00:00:00:01 and not host 10.0.0.1');
  });

  it('that it does not know are errors', () => {
    for (const expression of [
      'host x',
      'net x',
      'ether host x',
      'port x',
      'gateway x',
      'tcp port mine',
      'ip6 host four',
    ]) {
      expect(() => compileExpression(expression, { resolver })).toThrow(ExpressionError);
    }
  });

  it('need a mask for ip broadcast', () => {
    expect(() => compileExpression('ip broadcast')).toThrow('mask of the network');
    expect(compileExpression('ip broadcast', { netmask: 0xffffff00 }).length).toBeGreaterThan(5);
  });
});
