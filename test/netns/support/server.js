// What a host of a live test offers: `node server.js PORT`.
//
//   TCP PORT   HTTP: GET /N answers with N bytes, always the same ones; PUT answers with the SHA-256 of what came
//   UDP PORT   echoes datagrams
//
// Prints `listening` when both do.

import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { patternChunks } from './pattern.js';

const port = Number(process.argv[2]);

const udp = createSocket('udp6');
udp.on('message', (message, { address, port: from }) => udp.send(message, from, address));

const http = createServer((request, response) => {
  if (request.method === 'PUT') {
    const hash = createHash('sha256');
    pipeline(request, hash).then(
      () => response.end(hash.digest('hex')),
      () => response.destroy(),
    );
    return;
  }
  const bytes = Number(request.url.slice(1));
  response.setHeader('content-length', bytes);
  pipeline(Readable.from(patternChunks(bytes)), response).catch(() => response.destroy());
});

udp.bind(port, '::', () => http.listen(port, '::', () => console.log('listening')));
