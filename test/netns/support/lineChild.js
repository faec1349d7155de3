// A line in a process of its own, for bulk traffic, kills and fault injection: the built library, as a user has it.
// `openLineChild` starts it with a plan in JSON and talks to it over standard input and output:
//
//   ready                 the line runs
//   > 7                   a line of input asks for
//   summary 7 {…}         the counters
//   > year                another one asks for
//   year 2038             what the clock says
//   ended {…}             input was closed, the line ended
//   failed CODE           run() rejected

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { defineFilter, openPipeline, tap, tun } from 'tapline';

const plan = JSON.parse(process.argv[2]);
const make = plan.kind === 'tap' ? tap : tun;
const stopping = new AbortController();

const line = await openPipeline({
  ports: { left: make('left', plan.left), right: make('right', plan.right) },
  filters: plan.filters.map((name) => filterByName(name)),
  engine: plan.engine,
  ...(plan.queues === undefined ? {} : { queues: plan.queues }),
});
const ended = line.run({ signal: stopping.signal });
if (plan.bystander) {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  console.log(`bystander ${child.pid}`);
}
console.log('ready');

const input = createInterface({ input: process.stdin });
input.on('line', async (id) => {
  if (id === 'year') console.log(`year ${new Date().getUTCFullYear()}`);
  else console.log(`summary ${id} ${JSON.stringify(await line.summary())}`);
});
input.on('close', () => stopping.abort());

try {
  console.log(`ended ${JSON.stringify(await ended)}`);
} catch (error) {
  console.log(`failed ${error.code}`);
}
input.close();
process.stdin.destroy();

function filterByName(name) {
  if (name === 'pass') return { name, filter: () => undefined };
  if (name === 'nat') return nat();
  if (name === 'lossy') return lossy();
  throw new Error(`There is no filter ${name}`);
}

/** Sees segments only, and loses one of fifty with data. */
function lossy() {
  return defineFilter({
    name: 'lossy',
    superPackets: 'segments',
    counters: ['supers', 'data'],
    reasons: ['unlucky'],
    filter(packet, { counters }) {
      if (packet.isSuper) counters.supers++;
      if (packet.payloadLength > 1000 && ++counters.data % 50 === 0) return packet.drop('unlucky');
    },
  });
}

/**
 * The left host sees the right one under another address and port, and the right host sees the left one under another
 * address: what goes right gets both rewritten, what comes back gets both restored.
 */
function nat() {
  const number = (text) => text.split('.').reduce((value, byte) => value * 256 + Number(byte), 0);
  const [left, leftSeen] = [number('10.77.0.1'), number('10.77.0.101')];
  const [right, rightSeen] = [number('10.77.0.2'), number('10.77.0.102')];
  const [port, portSeen] = [8080, 80];
  return defineFilter({
    name: 'nat',
    counters: ['there', 'back', 'short'],
    filter(packet, { counters }) {
      if (!packet.isIpv4) return;
      if (packet.destinationIpv4 === rightSeen) {
        packet.destinationIpv4 = right;
        packet.sourceIpv4 = leftSeen;
        if (packet.isTcp && packet.destinationPort === portSeen) packet.destinationPort = port;
        packet.ttl -= 1;
        counters.there++;
      } else if (packet.destinationIpv4 === leftSeen && packet.sourceIpv4 === right) {
        packet.destinationIpv4 = left;
        packet.sourceIpv4 = rightSeen;
        if (packet.isTcp && packet.sourcePort === port) packet.sourcePort = portSeen;
        packet.ttl -= 1;
        counters.back++;
      }
    },
  });
}
