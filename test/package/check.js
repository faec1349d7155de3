/**
 * Packs the package as it would be published, lints the tarball, and tries it from TypeScript, from a module, and from
 * CommonJS, in an empty folder. Part of `npm run check`. The build must be there.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Sources for another compiler. */
const assemblyScript = ['./assembly/filter', './assembly/fields', './assembly/*'];
const root = fileURLToPath(new URL('../..', import.meta.url));
const consumer = fileURLToPath(new URL('./consumer', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tapline-package-'));
const tapline = join(folder, 'node_modules/tapline/dist/src/cli/main.js');

try {
  const tarball = pack();
  step('publint', 'npx', ['publint', '--strict', tarball]);
  step('attw', 'npx', ['attw', '--profile', 'esm-only', tarball, '--exclude-entrypoints', ...assemblyScript]);
  unpack(tarball);
  for (const name of ['core.wasm', 'ring.wasm']) contains(join('dist', 'build', name));
  step('TypeScript', 'npx', ['tsc', '-p', folder]);
  step('module', process.execPath, [join(folder, 'use.mjs')]);
  step('new filter', process.execPath, [tapline, 'new', join(folder, 'made'), '--template', 'rate-limit']);
  step('its build', process.execPath, [tapline, 'build', join(folder, 'made')]);
  if (process.features.require_module) step('CommonJS', process.execPath, [join(folder, 'use.cjs')]);
  else console.log('package: CommonJS not tried: this Node cannot require a module');
  step('tapline bench', process.execPath, [join(folder, 'bench.mjs')]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack() {
  // The scripts are left out: `prepare` has built what is packed, and would build it again.
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
  });
  return join(folder, JSON.parse(output)[0].filename);
}

/** An installation without a registry: the tarball's files, and the dependencies that are here already. */
function unpack(tarball) {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'tapline'), { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', join(modules, 'tapline'), '--strip-components=1']);
  const builders = ['assemblyscript', 'binaryen', 'long'];
  for (const name of ['koffi', '@koromix', 'tinybench', '@types', 'undici-types', ...builders]) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  cpSync(consumer, folder, { recursive: true });
}

function contains(file) {
  if (existsSync(join(folder, 'node_modules', 'tapline', file))) return;
  console.error(`package: ${file} is missing`);
  process.exitCode = 1;
}

function step(name, command, parameters) {
  try {
    execFileSync(command, parameters, { cwd: root, stdio: 'pipe', env: { ...process.env, NODE_NO_WARNINGS: '1' } });
    console.log(`package: ${name} passed`);
  } catch (error) {
    console.error(`package: ${name} failed\n${error.stdout}${error.stderr}`);
    process.exitCode = 1;
  }
}
