import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { scaffold } from '../../src/author/scaffold.ts';
import { filterFolder } from './support/filterFolder.ts';

test('tapline dev builds and tests at every save, survives a mistake, and ends by a signal', async () => {
  const folder = filterFolder('my-filter');
  scaffold(folder.path, 'drop-port');
  const child = spawn(process.execPath, [resolve('dist/src/cli/main.js'), 'dev'], { cwd: folder.path });
  let said = '';
  const hear = (chunk: Buffer): void => {
    said += chunk.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const heard = async (pattern: RegExp): Promise<void> => {
    for (let waited = 0; !pattern.test(said); waited += 50) {
      if (waited > 50_000) throw new Error(`did not hear ${pattern.source}: ${said}`);
      await new Promise((next) => setTimeout(next, 50));
    }
  };
  try {
    await heard(/built my-filter in \d+ ms[\s\S]*waiting for changes/);
    expect(said).toContain('4 passed');
    const source = join(folder.path, 'assembly/index.ts');
    const text = readFileSync(source, 'utf8');
    writeFileSync(source, text.replace('packet.isTcp', 'packet.isTpc'));
    await heard(/isTpc[\s\S]*assembly\/index\.ts\(5,/);
    writeFileSync(source, text.replace('Reason.blocked', '0'));
    await heard(/built [\s\S]*built [\s\S]*1 failed/);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  } finally {
    child.kill('SIGKILL');
    folder.remove();
  }
}, 120_000);
