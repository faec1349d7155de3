// Sends COUNT datagrams of BYTES in one call: `node segmentedUdp.js ADDRESS PORT COUNT BYTES`. Together they hold the
// bytes of pattern.js. Node's sockets cannot set UDP_SEGMENT (<linux/udp.h>), so this calls libc.

import { isIPv6 } from 'node:net';
import koffi from 'koffi';
import { patternChunks } from './pattern.js';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;

const [address, ...numbers] = process.argv.slice(2);
const [port, count, bytes] = numbers.map(Number);

const libc = koffi.load(null);
const socket = libc.func('int socket(int family, int type, int protocol)');
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t bytes)');
const sendto = libc.func(
  'intptr_t sendto(int fd, const void *data, size_t n, int flags, const void *to, uint32_t bytes)',
);
const inetPton = libc.func('int inet_pton(int family, const char *text, void *address)');

const family = isIPv6(address) ? AF_INET6 : AF_INET;
// sockaddr_in: family, port, address at 4. sockaddr_in6: family, port, flow, address at 8, scope.
const to = Buffer.alloc(family === AF_INET ? 16 : 28);
to.writeUInt16LE(family, 0);
to.writeUInt16BE(port, 2);
inetPton(family, address, to.subarray(family === AF_INET ? 4 : 8));

const fd = socket(family, SOCK_DGRAM, 0);
if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, Int32Array.of(bytes), 4) !== 0)
  throw new Error('This kernel has no UDP_SEGMENT');
const data = Buffer.concat([...patternChunks(count * bytes)]);
const sent = Number(sendto(fd, data, data.length, 0, to, to.length));
if (sent !== count * bytes) throw new Error(`sendto returned ${sent}, errno ${koffi.errno()}`);
