import { describe, expect, it } from 'vitest';

import { shell } from './support/tapline.ts';

/** The exit code of the command, not of the reader. */
const CODE = 'echo "code ${PIPESTATUS[0]}" >&2';

describe('output', () => {
  it('may be closed by its reader', () => {
    const { stderr } = shell(`$TAPLINE run --help | true; ${CODE}`);
    expect(stderr).toBe('code 0\n');
  });

  it('may be cut short', () => {
    const { stdout, stderr } = shell(`$TAPLINE run --help | head -1; ${CODE}`);
    expect(stdout).toContain('tapline run');
    expect(stderr).toBe('code 0\n');
  });

  it.each([
    ['stdout', '--help >&-', 0],
    ['stderr', 'run --nonsense 2>&-', 2],
    ['stdin', '--help <&-', 0],
    ['everything', 'run --nonsense <&- >&- 2>&-', 2],
  ])('%s may be closed from the start', (_, args, code) => {
    expect(shell(`$TAPLINE ${args}`).code).toBe(code);
  });

  it('stderr may be a pipe that nobody reads', () => {
    const { stdout } = shell('{ $TAPLINE run --nonsense 2>&1 >/dev/null; echo "code $?" >&3; } 3>&1 | true');
    expect(stdout).toBe('');
    expect(shell('set -o pipefail; $TAPLINE run --nonsense 2>&1 | true').code).toBe(2);
  });

  it.each([24, 28])('is one line when only %d files may be open', (limit) => {
    const { code, stderr } = shell(`ulimit -n ${limit}; $TAPLINE run --tap a --tap b --filter nope.mjs`);
    // With as many as it needs, it gets as far as the wrong path.
    expect([1, 2]).toContain(code);
    expect(stderr).toMatch(code === 1 ? /^tapline: EMFILE.*: raise the limit \(ulimit -n\)\n$/ : /nope\.mjs/);
  });

  it('fails when data cannot be stored', () => {
    const { code, stderr } = shell('$TAPLINE run --help >/dev/full');
    expect(code).toBe(1);
    expect(stderr).toContain('tapline: Cannot write to stdout: ENOSPC');
  });

  it('does not fail where there is no data', () => {
    const { code, stderr } = shell('$TAPLINE run --nonsense >/dev/full');
    expect(code).toBe(2);
    expect(stderr).not.toContain('ENOSPC');
  });
});
