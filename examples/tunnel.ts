// The core of a VPN, without the cryptography: IP packets of a TUN device travel in UDP datagrams to another machine,
// where the same program puts them into its own TUN device. (Do not use it across a network that you do not trust.)
//
//   node tunnel.ts 10.8.0.1/24 192.0.2.2     on the machine 192.0.2.1
//   node tunnel.ts 10.8.0.2/24 192.0.2.1     on the machine 192.0.2.2

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import { openPipeline, queue, tun } from 'tapline';

const PORT = 5555;
/** 1500 less the outer IPv4 (20) and UDP (8) headers: what fits into one datagram without fragments. */
const MTU = 1472;

const [address, peer] = process.argv.slice(2);
if (address === undefined || peer === undefined) {
  console.error('usage: node tunnel.ts ADDRESS/LENGTH PEER');
  process.exit(2);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort();
  });
}

const wire = queue({ link: 'ip', frameBytes: MTU });
const line = await openPipeline({
  ports: { device: tun('tunnel%d', { addresses: [address], mtu: MTU }), wire },
});

const socket = createSocket('udp4');
socket.on('message', (packet, from) => {
  // Nobody waits on a network: what does not fit just now is lost, as on any wire.
  if (from.address === peer && packet.length > 0 && packet.length <= MTU) wire.trySend(packet);
});
socket.bind(PORT);
await once(socket, 'listening');

const running = line.run({ signal: stop.signal });
console.error('ready');
for await (const batch of wire) {
  // The view is valid until the next batch; the datagram leaves later, so it gets a copy.
  for (const packet of batch) socket.send(packet.slice(), PORT, peer);
}

const summary = await running;
socket.close();
console.log(JSON.stringify(summary));
