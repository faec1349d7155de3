import { TaplineError } from '../errors.ts';
import { errnoName, errnos } from './errno.ts';
import { AF_NETLINK, MSG_TRUNC, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from './fcntl.ts';
import type { Libc } from './libc.ts';
import { Stack } from './stack.ts';
import { systemError } from './systemError.ts';

/**
 * rtnetlink, as far as devices need it: one request with an acknowledgement, one dump. A message:
 *
 *      0 ┌─────────────┬──────┬───────┐
 *        │ length u32  │ type │ flags │  u16 each
 *      8 ├─────────────┼──────┴───────┤
 *        │ sequence    │ port id      │  u32 each
 *     16 ├─────────────┴──────────────┤
 *        │ body, attributes: length   │  u16, type u16, value,
 *        │ …                          │  padded to 4
 *        └────────────────────────────┘
 */
const HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;

/** Sends one request and waits for the acknowledgement. Returns 0, or the positive error number of the answer. */
export function netlinkRequest(libc: Libc, type: number, flags: number, body: Uint8Array): number {
  using stack = new Stack();
  const socket = stack.adopt(openRouteSocket(libc), libc.close);
  sendMessage(libc, socket, type, NLM_F_REQUEST | NLM_F_ACK | flags, body);
  for (const message of receive(libc, socket)) {
    if (message.type === NLMSG_ERROR)
      return -new DataView(message.body.buffer, message.body.byteOffset).getInt32(0, true);
  }
  throw systemError({ action: 'Cannot read the answer of rtnetlink', syscall: 'recv', errno: errnos.EINVAL });
}

/** The bodies of all messages that a dump request brings. */
export function netlinkDump(libc: Libc, type: number, body: Uint8Array): Uint8Array[] {
  using stack = new Stack();
  const socket = stack.adopt(openRouteSocket(libc), libc.close);
  sendMessage(libc, socket, type, NLM_F_REQUEST | NLM_F_DUMP, body);
  const bodies: Uint8Array[] = [];
  for (;;) {
    for (const message of receive(libc, socket)) {
      if (message.type === NLMSG_DONE) return bodies;
      if (message.type === NLMSG_ERROR) throw refused(message.body);
      bodies.push(message.body);
    }
  }
}

/** One attribute: its header, its value, and the padding after it. */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(align(ATTRIBUTE_HEADER_BYTES + value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, ATTRIBUTE_HEADER_BYTES + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, ATTRIBUTE_HEADER_BYTES);
  return bytes;
}

/** The attributes in `bytes`, by type; of several with one type, the last. Stops at the first broken length. */
export function attributes(bytes: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + ATTRIBUTE_HEADER_BYTES <= bytes.length;) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > bytes.length) break;
    found.set(view.getUint16(at + 2, true) & NLA_TYPE_MASK, bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, at + length));
    at += align(length);
  }
  return found;
}

/** `<linux/netlink.h>` */
const NETLINK_ROUTE = 0;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 0x1;
const NLM_F_ACK = 0x4;
const NLM_F_DUMP = 0x300;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
/** Without the flags for nested and for big-endian attributes. */
const NLA_TYPE_MASK = 0x3fff;

/** The kernel answers within the request and fills a dump as it is read, so waiting is never needed. */
function openRouteSocket(libc: Libc): number {
  const socket = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (socket < 0) throw systemError({ action: 'Cannot talk to rtnetlink', syscall: 'socket', errno: libc.errno() });
  return socket;
}

function sendMessage(libc: Libc, socket: number, type: number, flags: number, body: Uint8Array): void {
  const message = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, 1, true);
  message.set(body, HEADER_BYTES);
  if (libc.send(socket, message, message.length, 0) < 0) {
    throw systemError({ action: 'Cannot ask rtnetlink', syscall: 'send', errno: libc.errno() });
  }
}

/** One datagram, cut into messages. 32 KiB is what the kernel fills at most; MSG_TRUNC says when that was not enough. */
function receive(libc: Libc, socket: number): { type: number; body: Uint8Array }[] {
  const buffer = new Uint8Array(64 * 1024);
  const bytes = libc.recv(socket, buffer, buffer.length, MSG_TRUNC);
  if (bytes < 0) throw systemError({ action: 'Cannot hear rtnetlink', syscall: 'recv', errno: libc.errno() });
  if (bytes > buffer.length) {
    throw systemError({ action: 'Cannot hear rtnetlink', syscall: 'recv', errno: errnos.EMSGSIZE });
  }
  const messages = [];
  const view = new DataView(buffer.buffer);
  for (let at = 0; at + HEADER_BYTES <= bytes;) {
    const length = view.getUint32(at, true);
    if (length < HEADER_BYTES || at + length > bytes) break;
    messages.push({ type: view.getUint16(at + 4, true), body: buffer.subarray(at + HEADER_BYTES, at + length) });
    at += align(length);
  }
  return messages;
}

function refused(body: Uint8Array): TaplineError {
  const errno = -new DataView(body.buffer, body.byteOffset).getInt32(0, true);
  return new TaplineError('SYSCALL', `Cannot list interfaces: rtnetlink answered ${errnoName(errno)}`, {
    errno,
    syscall: 'send',
  });
}

function align(bytes: number): number {
  return (bytes + 3) & ~3;
}
