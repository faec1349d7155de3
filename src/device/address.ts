import { isIPv4, isIPv6 } from 'node:net';

import { errnos } from '../sys/errno.ts';
import { AF_INET, AF_INET6 } from '../sys/fcntl.ts';
import type { Libc } from '../sys/libc.ts';
import { attribute, netlinkRequest, NLM_F_CREATE, NLM_F_EXCL } from '../sys/netlink.ts';
import { IFA_ADDRESS, IFA_LOCAL, IFADDRMSG_BYTES, RTM_NEWADDR } from '../sys/rtnetlink.ts';
import { systemError } from '../sys/systemError.ts';

/** An address with the length of its prefix. */
export interface InterfaceAddress {
  /** As it was written, for error texts. */
  readonly text: string;
  /** 4 or 16, in network order. */
  readonly bytes: Uint8Array;
  /** In bits: 0 to 32, or 0 to 128. */
  readonly prefixLength: number;
}

/**
 * Reads `10.0.0.1/24` or `fd00::1/64`.
 *
 * @throws {TypeError} for anything else; host names and zones are not addresses
 */
export function parseAddress(text: string): InterfaceAddress {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const bytes = isIPv4(address)
    ? ipv4Bytes(address)
    : isIPv6(address) && !address.includes('%')
      ? ipv6Bytes(address)
      : null;
  const prefixLength = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
  if (bytes === null || rest.length > 0 || prefixLength > bytes.length * 8) {
    throw new TypeError(
      `Expected an address with its prefix length, as in 10.0.0.1/24 or fd00::1/64, got ${quote(text)}`,
    );
  }
  return { text, bytes, prefixLength };
}

/**
 * Adds an address to an interface of the current network namespace.
 *
 * @throws {TaplineError} `SYSCALL` (EEXIST: the interface has it already), `PERMISSION`
 */
export function addAddress(libc: Libc, name: string, index: number, address: InterfaceAddress): void {
  const body = new Uint8Array([
    ...ifaddrmsg(address, index),
    ...attribute(IFA_LOCAL, address.bytes),
    ...attribute(IFA_ADDRESS, address.bytes),
  ]);
  const errno = netlinkRequest(libc, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, body);
  if (errno === 0) return;
  const remedy = remedies[errno];
  throw systemError({
    action: `Cannot give ${address.text} to ${name}`,
    syscall: 'rtnetlink(RTM_NEWADDR)',
    errno,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

const remedies: Readonly<Record<number, string>> = {
  [errnos.EEXIST]: 'the interface has this address already',
  [errnos.EOPNOTSUPP]: 'this kernel has no IPv6',
  [errnos.EACCES]: 'IPv6 is switched off here (net.ipv6.conf.*.disable_ipv6)',
};

function ifaddrmsg(address: InterfaceAddress, index: number): Uint8Array {
  const bytes = new Uint8Array(IFADDRMSG_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, address.bytes.length === 4 ? AF_INET : AF_INET6);
  view.setUint8(1, address.prefixLength);
  view.setUint32(4, index, true);
  return bytes;
}

function ipv4Bytes(address: string): Uint8Array {
  return Uint8Array.from(address.split('.'), Number);
}

/** RFC 4291 2.2: groups, one `::` for the missing zeros, the last two groups perhaps written as an IPv4 address. */
function ipv6Bytes(address: string): Uint8Array {
  const [before = '', after] = address.split('::');
  const head = groupBytes(before);
  const tail = after === undefined ? [] : groupBytes(after);
  return Uint8Array.from([...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]);
}

function groupBytes(groups: string): number[] {
  if (groups === '') return [];
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return [...ipv4Bytes(group)];
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function quote(text: string): string {
  return JSON.stringify(text);
}
