// The installed command line measures: its cases and its C programs are in the package.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('dist/src/cli/main.js', import.meta.resolve('tapline/package.json')));
const report = JSON.parse(
  execFileSync(process.execPath, [main, 'bench', 'checksum-60', '--quick', '--json'], { encoding: 'utf8' }),
);
const cases = report.groups[0].rows.map((row) => row.case);
const hasCompiler = ['gcc', 'cc', 'clang'].some((name) => spawnSync(name, ['--version']).status === 0);
assert.deepEqual(cases, hasCompiler ? ['C', 'core'] : ['core']);
const list = execFileSync(process.execPath, [main, 'bench', '--list'], { encoding: 'utf8' });
assert.match(list, /^relay-60 +live /m);
