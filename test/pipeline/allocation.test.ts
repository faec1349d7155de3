import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../bench/allocation.js', import.meta.url));

/** A million packets through the built library, in a process of its own: the profile of this one would show the tests. */
function profile(filter: string) {
  const flags = ['--sampling-heap-profiler-suppress-randomness', SCRIPT, filter];
  return spawnSync(process.execPath, flags, { encoding: 'utf8' });
}

describe('the path of a packet', () => {
  it.each(['typescript', 'sandboxed', 'in-place'])('allocates nothing, with a %s filter', (filter) => {
    const { status, stdout, stderr } = profile(filter);
    expect(stdout + stderr).toMatch(new RegExp(`^${filter}: 1000192 packets, \\d`));
    expect(status, stdout).toBe(0);
  });

  it('is found to allocate where a filter makes an object for each packet', () => {
    const { status, stdout } = profile('leaking');
    expect(stdout).toMatch(
      /^leaking: 1000192 packets, [3-9]\d\.\d\d bytes per packet\n +[3-9]\d\.\d\d {2}(judgeAll|filter) /,
    );
    expect(status).toBe(1);
  });
});
