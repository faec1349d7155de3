// `npm test`: unit tests, then the live ones in a network namespace of their own. Arguments go on to vitest.
//
// Live tests need CAP_NET_ADMIN and /dev/net/tun. Where they cannot run they are skipped, with the reason printed once;
// with REQUIRE_NETNS=1 a skipped live test is a failure. Last line of output: `N passed, N failed, N skipped`.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findSandbox, missingTools } from './netns/support/sandbox.js';

const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
/** What live tests may ask for with `needs`. */
const TOOLS = ['ping', 'iperf3', 'tcpdump', 'ethtool', 'curl', 'tracepath', 'strace', 'faketime', 'nmap', 'hping3'];

/** Live tests wait more than they compute: two shares of them, each in a namespace of its own, take little more than half the time. */
const SHARES = [1, 2];

const isRequired = process.env['REQUIRE_NETNS'] === '1';
const reports = mkdtempSync(join(tmpdir(), 'tapline-test-'));
let reportCount = 0;
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort(signal));

try {
  process.exitCode = await main(process.argv.slice(2));
} finally {
  rmSync(reports, { recursive: true, force: true });
}

async function main(args) {
  const unit = await runProject('unit', [], {}, args);
  const live = await runLive(args);
  const counts = add(unit, live);
  const complaint = complain(counts, live);
  if (complaint !== undefined) {
    console.log(complaint);
    counts.failed += 1;
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 ? 0 : 1;
}

async function runLive(args) {
  const { TAPLINE_NO_DEVICES: forbidden } = process.env;
  const sandbox = forbidden === undefined ? findSandbox() : { reason: forbidden };
  if (sandbox.reason !== undefined) {
    console.log(`\nLive tests are skipped: ${sandbox.reason}`);
    return await runProject('netns', [], { TAPLINE_NO_DEVICES: sandbox.reason }, args);
  }
  const missing = missingTools(TOOLS, sandbox.command);
  if (missing.length > 0) console.log(`\nLive tests that need them are skipped: no usable ${missing.join(', ')} here`);
  const env = { TAPLINE_NAMESPACE: '1', TAPLINE_MISSING: missing.join(' ') };
  if (args.length > 0) return await runProject('netns', sandbox.command, env, args);
  const shares = await Promise.all(
    SHARES.map((share) => runProject('netns', sandbox.command, env, [`--shard=${share}/${SHARES.length}`])),
  );
  return shares.reduce(add);
}

/** What is wrong with the run as a whole, if anything is. */
function complain(counts, live) {
  if (stop.signal.aborted) return `Interrupted by ${stop.signal.reason}`;
  if (counts.passed + counts.failed + counts.skipped === 0) return 'No test was found';
  return isRequired && live.skipped > 0 ? `REQUIRE_NETNS=1: ${live.skipped} live tests were skipped` : undefined;
}

/** Runs one vitest project, behind `wrapper` if there is one, and counts its tests. */
async function runProject(project, wrapper, env, args) {
  if (stop.signal.aborted) return { passed: 0, failed: 0, skipped: 0 };
  const report = join(reports, `${reportCount++}.json`);
  const [command, ...rest] = [
    ...wrapper,
    ...[process.execPath, VITEST, 'run', '--project', project, '--passWithNoTests'],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
  ];
  const code = await exitCode(command, rest, { ...process.env, ...env });
  const counts = readCounts(report);
  // An error outside any test, or no report at all, fails the run as well.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** Runs a command to its end. An interruption ends it; killing `unshare` ends all that runs in its PID namespace. */
function exitCode(command, args, env) {
  const child = spawn(command, args, { stdio: 'inherit', env });
  const kill = () => child.kill(command === 'unshare' ? 'SIGKILL' : 'SIGTERM');
  stop.signal.addEventListener('abort', kill, { once: true });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.log(`Cannot run ${command}: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code) => {
      stop.signal.removeEventListener('abort', kill);
      resolve(code ?? 1);
    });
  });
}

function readCounts(report) {
  let results;
  try {
    results = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
  // A file that could not be loaded has no tests; it counts as one that failed.
  const broken = results.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + broken.length,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}
