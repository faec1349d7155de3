import { expect, it } from 'vitest';

import { start } from '../netns/support/process.ts';
import { makeFolder } from './support/folder.ts';
import { MAIN } from './support/tapline.ts';

const SIGNALS = new URL('../../dist/src/cli/run/signals.js', import.meta.url).href;

/** Listens, says so, and is never done stopping. */
const listener = `
  import { listenForSignals } from ${JSON.stringify(SIGNALS)};
  const { signal, onReport, onFlush } = listenForSignals();
  onReport(() => console.log('report'));
  onFlush(() => console.log('flush'));
  signal.addEventListener('abort', () => console.log('stopping'));
  setInterval(() => undefined, 1000);
  console.log('listening');`;

it.each([
  ['SIGINT', 'SIGINT', 130],
  ['SIGINT', 'SIGTERM', 143],
  ['SIGTERM', 'SIGHUP', 129],
] as const)('after %s, %s ends it at once, with code 128 + n', async (first, second, code) => {
  await using child = start(process.execPath, ['--input-type=module', '-e', listener]);
  await child.waitFor(/^listening$/m);
  child.process.kill(first);
  await child.waitFor(/^stopping$/m);
  expect(await child.end(second, 2_000)).toMatchObject({ code, signal: null });
});

it('SIGUSR1 reports, as often as wanted, and starts no debugger', async () => {
  await using child = start(process.execPath, ['--input-type=module', '-e', listener]);
  await child.waitFor(/^listening$/m);
  child.process.kill('SIGUSR1');
  await child.waitFor(/report/);
  child.process.kill('SIGUSR1');
  await child.waitFor(/report\nreport/);
  expect(child.stderr).toBe('');
});

it('SIGUSR2 flushes, and does nothing before there is anything to be flushed', async () => {
  const deaf = listener.replace("onFlush(() => console.log('flush'));", '');
  for (const [script, wanted] of [
    [listener, 'listening\nflush\nstopping\n'],
    [deaf, 'listening\nstopping\n'],
  ] as const) {
    await using child = start(process.execPath, ['--input-type=module', '-e', script]);
    await child.waitFor(/^listening$/m);
    child.process.kill('SIGUSR2');
    if (script === listener) await child.waitFor(/^flush$/m);
    child.process.kill('SIGTERM');
    await child.waitFor(/^stopping$/m);
    expect(child.stdout).toBe(wanted);
  }
});

it('a stop does not wait for a file that takes its time', async () => {
  using folder = makeFolder();
  const file = folder.write(
    'slow.mjs',
    `console.error('loading'); await new Promise((done) => setTimeout(done, 60_000));`,
  );
  await using child = start(process.execPath, [MAIN, 'run', file]);
  await child.waitFor(/^loading$/m);
  expect(await child.end('SIGTERM', 2_000)).toMatchObject({ code: 0, stdout: '' });
});
