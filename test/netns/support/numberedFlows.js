// One end of many UDP flows: `node numberedFlows.js ADDRESS OWN_PORT PEER_PORT FLOWS ROUNDS`. Sends a numbered datagram on
// each flow in each round, takes in those of the other end, and says at its end, by flow, how many came, how often a number
// was lower than one before, and which stamps were on them (`stamp` of laneFilters.js).

import { createSocket } from 'node:dgram';

const [address, ...numbers] = process.argv.slice(2);
const [ownPort, peerPort, flowCount, rounds] = numbers.map(Number);
const ROUND_MS = 8;
/** Nothing has come for so long: nothing comes any more. */
const QUIET_MS = 700;

const flows = await Promise.all(Array.from({ length: flowCount }, (_, i) => open(i)));
let lastMs = performance.now();
console.log('listening');

process.stdin.once('data', () => {
  let round = 0;
  const timer = setInterval(() => {
    for (const flow of flows) send(flow, round);
    if (++round < rounds) return;
    clearInterval(timer);
    waitForQuiet();
  }, ROUND_MS);
});

async function open(index) {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  const flow = { index, socket, received: 0, wentBack: 0, last: -1, stamps: new Set() };
  socket.on('message', (message) => {
    lastMs = performance.now();
    const number = message.readUInt32BE(0);
    if (number <= flow.last) flow.wentBack++;
    flow.last = Math.max(flow.last, number);
    flow.received++;
    flow.stamps.add(message[4]);
  });
  await new Promise((resolve) => socket.bind(ownPort + index, resolve));
  return flow;
}

function send({ index, socket }, number) {
  const message = Buffer.alloc(32, 0xff);
  message.writeUInt32BE(number, 0);
  socket.send(message, peerPort + index, address);
}

function waitForQuiet() {
  const timer = setInterval(() => {
    if (performance.now() - lastMs < QUIET_MS) return;
    clearInterval(timer);
    const report = flows.map(({ received, wentBack, stamps }) => ({ received, wentBack, stamps: [...stamps] }));
    process.stdout.write(`flows ${JSON.stringify(report)}\n`, () => process.exit(0));
  }, 50);
}
