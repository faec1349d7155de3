import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { patternChunks } from './pattern.js';
import type { Namespace } from './namespace.ts';

const SERVER = fileURLToPath(new URL('server.js', import.meta.url));
const SEGMENTED_UDP = fileURLToPath(new URL('segmentedUdp.js', import.meta.url));

/**
 * Pings, five times unless `args` say otherwise, and returns how many answers came. The interval is not shorter, because
 * once it has an answer ping waits for the last one hardly longer than that: on a busy machine too short.
 */
export async function ping(host: Namespace, address: string, args: readonly string[] = []): Promise<number> {
  const all = ['-n', '-c', '5', '-i', '0.2', '-W', '2', ...args, address];
  const { stdout } = await host.exec('ping', all, { allowFailure: true });
  const received = /(\d+) received/.exec(stdout)?.[1];
  if (received === undefined) throw new Error(`ping said nothing of answers:\n${stdout}`);
  return Number(received);
}

/** Has a host send `count` datagrams of `bytes` in one call, as one super-packet (UDP_SEGMENT). */
export async function sendSegmented(host: Namespace, address: string, port: number, count: number, bytes: number) {
  await host.exec(process.execPath, [SEGMENTED_UDP, address, ...[port, count, bytes].map(String)]);
}

/** Waits on a host for so many datagrams, and returns the SHA-256 of all their bytes in the order of arrival. */
export async function receiveDatagrams(host: Namespace, port: number, count: number): Promise<() => Promise<string>> {
  const program = `
    const hash = require('node:crypto').createHash('sha256');
    const [port, count] = process.argv.slice(1).map(Number);
    const socket = require('node:dgram').createSocket({ type: 'udp6', recvBufferSize: 1 << 20 });
    let received = 0;
    socket.on('message', (message) => {
      hash.update(message);
      if (++received === count) { console.log('hash ' + hash.digest('hex')); socket.close(); }
    });
    socket.bind(port, '::', () => console.log('listening'));`;
  const receiver = host.spawn(process.execPath, ['-e', program, `${port}`, `${count}`]);
  await receiver.waitFor(/^listening$/m);
  return async () => (await receiver.waitFor(/^hash (.*)$/m))[1] ?? '';
}

/** Starts `server.js` on a host. It ends with the host. */
export async function serve(host: Namespace, port: number): Promise<void> {
  await host.spawn(process.execPath, [SERVER, `${port}`]).waitFor(/^listening$/m);
}

/** SHA-256 of what the server sends for `/bytes`. */
export function patternHash(bytes: number): string {
  const hash = createHash('sha256');
  for (const chunk of patternChunks(bytes)) hash.update(chunk);
  return hash.digest('hex');
}

/** Fetches so many bytes from a server, and returns their SHA-256. */
export async function download(host: Namespace, address: string, port: number, bytes: number): Promise<string> {
  const authority = address.includes(':') ? `[${address}]` : address;
  const script = 'set -o pipefail; curl -sS --fail --max-time 50 "$1" | sha256sum';
  const url = `http://${authority}:${port}/${bytes}`;
  const { stdout } = await host.exec('bash', ['-c', script, 'bash', url], { timeoutMs: 55_000 });
  return stdout.slice(0, 64);
}

/** Sends so many bytes to a server, and returns the SHA-256 of what arrived there. */
export async function upload(host: Namespace, address: string, port: number, bytes: number): Promise<string> {
  const args = ['-sS', '--fail', '--max-time', '50', '-H', 'Expect:', '-T', '-', `http://${address}:${port}/`];
  const input = Buffer.concat([...patternChunks(bytes)]);
  return (await host.exec('curl', args, { input, timeoutMs: 55_000 })).stdout;
}

/** Sends datagrams to an echo server and returns how many came back unchanged within `timeoutMs`. */
export async function echo(
  host: Namespace,
  address: string,
  port: number,
  count: number,
  timeoutMs = 5000,
): Promise<number> {
  const program = `
    const socket = require('node:dgram').createSocket(process.argv[1].includes(':') ? 'udp6' : 'udp4');
    const address = process.argv[1];
    const [port, count, timeoutMs] = process.argv.slice(2).map(Number);
    const sent = new Set();
    let back = 0;
    const end = () => { console.log(back); socket.close(); clearTimeout(timer); };
    const timer = setTimeout(end, timeoutMs);
    socket.on('message', (message) => { if (sent.delete(message.toString()) && ++back === count) end(); });
    for (let i = 0; i < count; i++) {
      const text = 'datagram ' + i + '.'.repeat(i);
      sent.add(text);
      socket.send(text, port, address);
    }`;
  const { stdout } = await host.exec(process.execPath, ['-e', program, address, `${port}`, `${count}`, `${timeoutMs}`]);
  return Number(stdout);
}

/** What iperf3 says at its end; the fields that tests look at. */
export interface IperfEnd {
  readonly sum_received?: { readonly bytes: number };
  readonly sum_sent?: { readonly bytes: number };
  readonly sum?: { readonly packets: number };
  readonly streams?: readonly { readonly udp?: { readonly out_of_order: number } }[];
}

/** Runs one iperf3 test from `client` to a server on `server`, and returns its end block. */
export async function iperf(
  client: Namespace,
  server: Namespace,
  address: string,
  args: readonly string[],
): Promise<IperfEnd> {
  await using service = server.spawn('iperf3', ['--server', '--one-off', '--forceflush']);
  await service.waitFor(/listening/);
  const { stdout } = await client.exec('iperf3', ['--client', address, '--json', ...args]);
  return (JSON.parse(stdout) as { readonly end: IperfEnd }).end;
}

/**
 * Packets that a host refused because a checksum or a header was wrong, all protocols of both IP versions together.
 * (IPv4 header checksums count as `InHdrErrors` or `InCsumErrors` of `IpExt`.)
 */
export async function refusedByHost(host: Namespace): Promise<number> {
  return await hostCount(host, /(InCsumErrors|InHdrErrors)$/);
}

/** Sum of those counters of a host whose name matches, for example `Udp:InDatagrams`, `Udp6InDatagrams`. */
export async function hostCount(host: Namespace, pattern: RegExp): Promise<number> {
  const { stdout } = await host.exec('cat', ['/proc/net/snmp', '/proc/net/netstat', '/proc/net/snmp6']);
  return counterLines(stdout)
    .filter(([name]) => pattern.test(name))
    .reduce((sum, [, value]) => sum + value, 0);
}

/** `snmp` and `netstat` have a line of names before each line of values, `snmp6` one name and value per line. */
function counterLines(text: string): (readonly [string, number])[] {
  const lines = text.trim().split('\n');
  return lines.flatMap((line, i) => {
    const [head = '', ...rest] = line.trim().split(/\s+/);
    if (!head.endsWith(':')) return [[head, Number(rest[0])] as const];
    const names = lines[i - 1]?.split(/\s+/) ?? [];
    if (names[0] !== head) return [];
    return rest.map((value, k) => [head + (names[k + 1] ?? ''), Number(value)] as const);
  });
}
