// `npm run soak -- --minutes 10`: a line under load for a long time. It fails when memory, descriptors, mappings or
// handles grow, or when a counter of the line differs from the kernel's by a single packet. A figure of time decides
// nothing. It needs root, or a user namespace, and iperf3.

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { findSandbox, missingTools } from '../netns/support/sandbox.js';
import { soak } from './soak.js';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, json: { type: 'boolean' } } });
process.exitCode = await main(Number(values.minutes));

async function main(minutes) {
  if (!(minutes > 0 && minutes <= 600)) return complain(`--minutes must be from 0 to 600, got ${values.minutes}`, 2);
  if (process.env['TAPLINE_NAMESPACE'] === undefined) return again();
  const missing = missingTools(['iperf3', 'nsenter', 'ip']);
  if (missing.length > 0) return complain(`there is no usable ${missing.join(', ')}`, 1);
  const { figures, complaints } = await soak(60 * minutes, (text) => console.error(text));
  console.log(JSON.stringify({ minutes, ...figures, complaints }, null, values.json ? 0 : 2));
  return complaints.length === 0 ? 0 : 1;
}

/** Runs this program once more, in namespaces of its own. */
function again() {
  const { command, reason } = findSandbox();
  if (command === undefined) return complain(reason, 1);
  const [unshare, ...args] = command;
  const env = { ...process.env, TAPLINE_NAMESPACE: '1' };
  const { status } = spawnSync(unshare, [...args, process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env,
  });
  return status ?? 1;
}

function complain(text, code) {
  console.error(`soak: ${text}`);
  return code;
}
