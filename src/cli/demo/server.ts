import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { DISCARD_PORT, ECHO_PORT, SERVER_PORT } from './filters.ts';
import { plan, type RightReport } from './traffic.ts';
import { HASH_HEADER } from './web.ts';

/** The services of the right machine: echo, discard (which only counts) and a web server. */
export async function answerTraffic(): Promise<{ report(): RightReport }> {
  let unwantedReceived = 0;
  await Promise.all([
    serveEcho(),
    serveDiscard(() => {
      unwantedReceived++;
    }),
    serveWeb(),
  ]);
  return { report: () => ({ unwantedReceived }) };
}

async function serveEcho(): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (message, { address, port }) => {
    socket.send(message, port, address);
  });
  socket.bind(ECHO_PORT);
  await once(socket, 'listening');
}

async function serveDiscard(count: () => void): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', count);
  socket.bind(DISCARD_PORT);
  await once(socket, 'listening');
}

async function serveWeb(): Promise<void> {
  const page = randomBytes(plan.transferBytes);
  const headers = { [HASH_HEADER]: createHash('sha256').update(page).digest('hex'), 'content-length': page.length };
  const server = createServer((_request, response) => {
    response.writeHead(200, headers);
    response.end(page);
  });
  server.listen(SERVER_PORT, '0.0.0.0');
  await once(server, 'listening');
}
