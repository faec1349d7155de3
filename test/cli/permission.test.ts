import { describe, expect, it } from 'vitest';

import { permissionAdvice, shellQuote } from '../../src/cli/permission.ts';

describe('permissionAdvice', () => {
  const args = ['run', '--tap', 'lan0', '--filter', './my filter.mjs'];

  it('names node and the script by absolute paths, and quotes what needs it', () => {
    const advice = permissionAdvice(args, { userId: 1000, canUseNode: true }).join('\n');
    expect(advice).toContain(`sudo ${process.execPath} /`);
    expect(advice).toContain(`unshare -Urn ${process.execPath} /`);
    expect(advice).toContain("run --tap lan0 --filter './my filter.mjs'");
    expect(advice).not.toContain('chmod');
  });

  it('says what unshare needs where the device node is closed to users', () => {
    const advice = permissionAdvice(args, { userId: 1000, canUseNode: false }).join('\n');
    expect(advice).toContain('sudo chmod 0666 /dev/net/tun');
    expect(advice).toContain('unshare -Urn');
  });

  it('does not send root to sudo', () => {
    const advice = permissionAdvice(args, { userId: 0, canUseNode: true }).join('\n');
    expect(advice).not.toContain('sudo');
    expect(advice).toContain('--cap-add NET_ADMIN');
  });
});

describe('shellQuote', () => {
  it.each([
    ['lan0=10.0.0.1/24', 'lan0=10.0.0.1/24'],
    ['tap%d', 'tap%d'],
    ['', "''"],
    ['a b', "'a b'"],
    ["it's", "'it'\\''s'"],
    ['$HOME', "'$HOME'"],
  ])('%j becomes %s', (argument, quoted) => {
    expect(shellQuote(argument)).toBe(quoted);
  });
});
