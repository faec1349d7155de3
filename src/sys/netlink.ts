import type { TaplineError } from '../errors.ts';
import { errnos } from './errno.ts';
import { AF_NETLINK, MSG_TRUNC, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from './fcntl.ts';
import type { Libc } from './libc.ts';
import { Stack } from './stack.ts';
import { systemError } from './systemError.ts';

/**
 * rtnetlink, as far as devices need it: a request and its answer, a dump, news. A message:
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

/** What a message carries behind its header. */
export interface NetlinkMessage {
  readonly type: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}

/** Sends one request and waits for the acknowledgement. Returns 0, or the positive error number of the answer. */
export function netlinkRequest(libc: Libc, type: number, flags: number, body: Uint8Array): number {
  using stack = new Stack();
  const socket = stack.adopt(openRouteSocket(libc), libc.close);
  sendMessage(libc, socket, type, NLM_F_REQUEST | NLM_F_ACK | flags, body);
  for (const message of receive(libc, socket)) if (message.type === NLMSG_ERROR) return refusal(message.body);
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
      if (message.type === NLMSG_ERROR) throw refused('Cannot list interfaces', refusal(message.body));
      bodies.push(message.body);
    }
  }
}

/**
 * Sends one request, through a socket that may be used again, and returns the body of the one answer. What an earlier
 * exchange has left in the socket is passed over.
 *
 * @param action begins the error text, as in `Cannot ask tun0`
 * @throws {TaplineError} with the error number of the answer
 */
export function netlinkAsk(libc: Libc, socket: number, type: number, body: Uint8Array, action: string): Uint8Array {
  const sequence = sendMessage(libc, socket, type, NLM_F_REQUEST, body);
  for (;;) {
    for (const message of receive(libc, socket)) {
      if (message.sequence !== sequence) continue;
      if (message.type === NLMSG_ERROR) throw refused(action, refusal(message.body));
      return message.body;
    }
  }
}

/**
 * A non-blocking socket of the current network namespace that hears `groups`. The caller closes it. The kernel answers
 * within the request and fills a dump as it is read, so only news have to be waited for.
 */
export function openRouteSocket(libc: Libc, groups = 0): number {
  using stack = new Stack();
  const socket = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (socket < 0) throw systemError({ action: 'Cannot talk to rtnetlink', syscall: 'socket', errno: libc.errno() });
  stack.adopt(socket, libc.close);
  if (groups !== 0) hear(libc, socket, groups);
  stack.move();
  return socket;
}

/**
 * The messages of one datagram, or the error number as a negative number: EAGAIN when there is none, ENOBUFS when the
 * socket was full and messages were lost.
 */
export function receiveNetlink(libc: Libc, socket: number): NetlinkMessage[] | number {
  // 32 KiB is what the kernel fills at most; MSG_TRUNC says when that was not enough.
  const buffer = new Uint8Array(64 * 1024);
  const bytes = libc.recv(socket, buffer, buffer.length, MSG_TRUNC);
  if (bytes < 0) return -libc.errno();
  return bytes > buffer.length ? -errnos.EMSGSIZE : cut(buffer.subarray(0, bytes));
}

/** The error number in a message of type NLMSG_ERROR; 0 is an acknowledgement. */
function refusal(body: Uint8Array): number {
  return -new DataView(body.buffer, body.byteOffset).getInt32(0, true);
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

/** The text of an attribute, without its NUL. */
export function attributeText(value: Uint8Array = nothing): string {
  const end = value.indexOf(0);
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
}

/** The value of an attribute as an unsigned little-endian integer; 0 for none. */
export function attributeNumber(value: Uint8Array = nothing): number {
  return value.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

const nothing = new Uint8Array(0);

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

/** `struct sockaddr_nl`: family u16, pad u16, port id u32 (0: the kernel chooses), groups u32. */
function hear(libc: Libc, socket: number, groups: number): void {
  const address = new Uint8Array(12);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, groups, true);
  if (libc.bind(socket, address, address.length) < 0) {
    throw systemError({ action: 'Cannot hear rtnetlink', syscall: 'bind', errno: libc.errno() });
  }
}

let lastSequence = 0;

function sendMessage(libc: Libc, socket: number, type: number, flags: number, body: Uint8Array): number {
  lastSequence = (lastSequence % 0x7fffffff) + 1;
  const message = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, lastSequence, true);
  message.set(body, HEADER_BYTES);
  if (libc.send(socket, message, message.length, 0) < 0) {
    throw systemError({ action: 'Cannot ask rtnetlink', syscall: 'send', errno: libc.errno() });
  }
  return lastSequence;
}

function receive(libc: Libc, socket: number): NetlinkMessage[] {
  const messages = receiveNetlink(libc, socket);
  if (typeof messages !== 'number') return messages;
  throw systemError({ action: 'Cannot hear rtnetlink', syscall: 'recv', errno: -messages });
}

function cut(bytes: Uint8Array): NetlinkMessage[] {
  const messages = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const length = view.getUint32(at, true);
    if (length < HEADER_BYTES || at + length > bytes.length) break;
    const [type, sequence] = [view.getUint16(at + 4, true), view.getUint32(at + 8, true)];
    messages.push({ type, sequence, body: bytes.subarray(at + HEADER_BYTES, at + length) });
    at += align(length);
  }
  return messages;
}

function refused(action: string, errno: number): TaplineError {
  return systemError({ action, syscall: 'rtnetlink', errno });
}

function align(bytes: number): number {
  return (bytes + 3) & ~3;
}
