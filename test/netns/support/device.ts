import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { AF_PACKET, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from '../../../src/sys/fcntl.ts';
import { loadLibc } from '../../../src/sys/libc.ts';
import { type Child, pause, start } from './process.ts';

/** Runs a short command, blocking, and returns what it prints. */
export function sh(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What `ip -j` says, as the array that it prints. */
export function ip(...args: string[]): Record<string, unknown>[] {
  return JSON.parse(sh('ip', '-j', ...args) || '[]') as Record<string, unknown>[];
}

/** What `ip -d -j link show` says about one interface. */
export function ipLink(name: string): Record<string, unknown> {
  return ip('-d', 'link', 'show', 'dev', name)[0] ?? {};
}

/** Whether the current network namespace has the interface. */
export function hasLink(name: string): boolean {
  return ip('link').some((link) => link['ifname'] === name);
}

/** Descriptors of this process, the one that lists them not counted. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length - 1;
}

/** Switches IPv6 off for interfaces made from now on, so that the kernel sends nothing of its own. Returns the way back. */
export function withoutIpv6(): () => void {
  const setting = '/proc/sys/net/ipv6/conf/default/disable_ipv6';
  // Never outside the tests' own namespace: hooks may run although all tests are skipped.
  if (process.env['TAPLINE_NAMESPACE'] === undefined || !existsSync(setting)) return () => undefined;
  const before = readFileSync(setting);
  writeFileSync(setting, '1');
  return () => {
    writeFileSync(setting, before);
  };
}

/** EtherType for experiments, IEEE 802: nothing else on the interface uses it. */
export const ETHERTYPE_TEST = 0x88b5;

/** An Ethernet frame to everyone with a recognizable payload. */
export function testFrame(bytes: number, seed = 0): Uint8Array {
  const frame = Uint8Array.from({ length: bytes }, (_, index) => (index * 31 + seed) & 255);
  frame.set([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, ETHERTYPE_TEST >> 8, ETHERTYPE_TEST & 255]);
  return frame;
}

/** The other side of a TAP device: what the kernel's stack sends and sees there. */
export interface PacketSocket {
  send(frame: Uint8Array): void;
  /** The next frame with the test EtherType, or null after a second. */
  receive(): Promise<Uint8Array | null>;
  close(): void;
}

/** An AF_PACKET socket on the interface with this index (packet(7)). */
export async function openPacketSocket(index: number): Promise<PacketSocket> {
  const libc = await loadLibc();
  const protocol = ((ETHERTYPE_TEST & 255) << 8) | (ETHERTYPE_TEST >> 8);
  const fd = libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd < 0) throw new Error(`socket(AF_PACKET) failed with ${libc.errno()}`);
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETHERTYPE_TEST);
  view.setInt32(4, index, true);
  if (libc.bind(fd, address, address.length) < 0) throw new Error(`bind failed with ${libc.errno()}`);
  return {
    send(frame) {
      if (libc.send(fd, frame, frame.length, 0) < 0) throw new Error(`send failed with ${libc.errno()}`);
    },
    async receive() {
      const buffer = new Uint8Array(70_000);
      for (let attempt = 0; attempt < 100; attempt++) {
        const bytes = libc.recv(fd, buffer, buffer.length, 0);
        if (bytes >= 0) return buffer.slice(0, bytes);
        await pause(10);
      }
      return null;
    },
    close() {
      libc.close(fd);
    },
  };
}

/** Collects garbage, without a flag for the whole process. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** The user and group that have no rights anywhere. */
export const NOBODY = 65_534;

/**
 * Why nothing can be run as `NOBODY` here, or null: in a user namespace with one user there is no other.
 */
export function whyNotNobody(): string | null {
  const mapped = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/).map(Number);
  return (mapped[2] ?? 0) > NOBODY ? null : 'this user namespace has no other users';
}

/**
 * Starts a module, with the built library, as a user without any rights. As on most systems, everybody may open the
 * device node: not the node of this machine, but one that only the new process sees.
 *
 * @param prefix a command in front of node, for example `unshare -Urn`
 */
export function startAsNobody(body: string, ...prefix: string[]): Child {
  const node = '/run/tun-for-everybody';
  const prepare = `test -e ${node} || { mknod ${node} c 10 200 && chmod 0666 ${node}; }; mount --bind ${node} /dev/net/tun`;
  const become = `exec setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups "$@"`;
  const shell = ['--mount', 'sh', '-ec', `${prepare}; ${become}`, 'sh'];
  return start('unshare', [...shell, ...prefix, process.execPath, '--input-type=module', '-e', body]);
}
