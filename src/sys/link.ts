import { errnos } from './errno.ts';
import { ifreq, type Ifreq } from './ifreq.ts';
import type { Libc } from './libc.ts';
import { attribute, netlinkRequest, openRouteSocket } from './netlink.ts';
import { ARPHRD_ETHER, IFINFOMSG_BYTES, IFLA_TXQLEN, RTM_NEWLINK } from './rtnetlink.ts';
import * as sockios from './sockios.ts';
import { type FailedCall, systemError } from './systemError.ts';

/** An interface, as seen through a socket in its network namespace. */
export interface Link {
  readonly libc: Libc;
  readonly socket: number;
  readonly name: string;
}

/**
 * A socket of the current network namespace, to ask and to set interfaces. An rtnetlink socket does both: since Linux 4.14
 * it takes the requests of `<linux/sockios.h>` too, so that one descriptor is enough. The caller closes it.
 */
export function openControlSocket(libc: Libc): number {
  return openRouteSocket(libc);
}

/** Interface index. */
export function linkIndex(link: Link): number {
  return ask(link, 'SIOCGIFINDEX').union.getInt32(0, true);
}

/** The low 16 interface flags. */
export function linkFlags(link: Link): number {
  return ask(link, 'SIOCGIFFLAGS').union.getUint16(0, true);
}

/** Sets and clears flags, keeping all others: SIOCSIFFLAGS alone would replace them, MULTICAST and NOARP included. */
export function changeLinkFlags(link: Link, set: number, clear = 0): void {
  const before = linkFlags(link);
  const after = (before | set) & ~clear & 0xffff;
  if (after === before) return;
  tell(link, 'SIOCSIFFLAGS', (union) => {
    union.setUint16(0, after, true);
  });
}

/** MTU in bytes. */
export function linkMtu(link: Link): number {
  return ask(link, 'SIOCGIFMTU').union.getInt32(0, true);
}

/** Sets the MTU in bytes. */
export function setLinkMtu(link: Link, mtu: number): void {
  tell(link, 'SIOCSIFMTU', (union) => {
    union.setInt32(0, mtu, true);
  });
}

/**
 * Sets how many packets are queued for the reader of the device. By rtnetlink: SIOCSIFTXQLEN wants CAP_NET_ADMIN in the
 * first user namespace, and so fails inside `unshare -Urn`.
 */
export function setLinkQueueLength(link: Link, packets: number): void {
  const body = new Uint8Array([
    ...new Uint8Array(IFINFOMSG_BYTES),
    ...attribute(IFLA_TXQLEN, new Uint8Array(Uint32Array.of(packets).buffer)),
  ]);
  new DataView(body.buffer).setInt32(4, linkIndex(link), true);
  const errno = netlinkRequest(link.libc, RTM_NEWLINK, 0, body);
  if (errno === 0) return;
  throw systemError({ action: `Cannot configure ${link.name}`, syscall: 'rtnetlink(RTM_NEWLINK)', errno });
}

/** MAC address, six bytes; zeros on TUN. */
export function linkMac(link: Link): Uint8Array {
  return ask(link, 'SIOCGIFHWADDR').bytes.slice(18, 24);
}

/** Sets the MAC address, six bytes. */
export function setLinkMac(link: Link, mac: Uint8Array): void {
  tell(link, 'SIOCSIFHWADDR', (union) => {
    union.setUint16(0, ARPHRD_ETHER, true);
    mac.forEach((byte, index) => {
      union.setUint8(2 + index, byte);
    });
  });
}

/** Renames the interface. Before Linux 6.2, EBUSY while it is up. */
export function setLinkName(link: Link, name: string): void {
  const argument = ifreq(link.name);
  new TextEncoder().encodeInto(name, argument.bytes.subarray(16, 31));
  perform(link, 'SIOCSIFNAME', argument);
}

function ask(link: Link, request: keyof typeof sockios): Ifreq {
  return perform(link, request, ifreq(link.name));
}

function tell(link: Link, request: keyof typeof sockios, fill: (union: DataView) => void): void {
  const argument = ifreq(link.name);
  fill(argument.union);
  perform(link, request, argument);
}

const remedies: Readonly<Record<number, Pick<FailedCall, 'code' | 'remedy'>>> = {
  [errnos.ENODEV]: { code: 'DEVICE_GONE', remedy: 'there is no such interface here' },
  [errnos.EEXIST]: { code: 'DEVICE_EXISTS', remedy: 'another interface has this name' },
  [errnos.EBUSY]: { remedy: 'before Linux 6.2 the interface must be down for this' },
};

function perform(link: Link, request: keyof typeof sockios, argument: Ifreq): Ifreq {
  if (link.libc.ioctl(link.socket, sockios[request], argument.bytes) < 0) {
    const errno = link.libc.errno();
    throw systemError({
      action: `Cannot configure ${link.name}`,
      syscall: `ioctl(${request})`,
      errno,
      ...remedies[errno],
    });
  }
  return argument;
}
