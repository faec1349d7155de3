import { errnos } from './errno.ts';
import { AF_INET, SOCK_CLOEXEC, SOCK_DGRAM } from './fcntl.ts';
import { ifreq, type Ifreq } from './ifreq.ts';
import type { Libc } from './libc.ts';
import * as sockios from './sockios.ts';
import { systemError } from './systemError.ts';

/** An interface, as seen through a socket in its network namespace. */
export interface Link {
  readonly libc: Libc;
  readonly socket: number;
  readonly name: string;
}

/** A socket of the current network namespace, to ask and to set interfaces. The caller closes it. */
export function openControlSocket(libc: Libc): number {
  const socket = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    throw systemError({ action: 'Cannot configure interfaces', syscall: 'socket', errno: libc.errno() });
  }
  return socket;
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

/** Sets how many packets are queued for the reader of the device. */
export function setLinkQueueLength(link: Link, packets: number): void {
  tell(link, 'SIOCSIFTXQLEN', (union) => {
    union.setInt32(0, packets, true);
  });
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

/** `<linux/if_arp.h>` */
const ARPHRD_ETHER = 1;

function ask(link: Link, request: keyof typeof sockios): Ifreq {
  return perform(link, request, ifreq(link.name));
}

function tell(link: Link, request: keyof typeof sockios, fill: (union: DataView) => void): void {
  const argument = ifreq(link.name);
  fill(argument.union);
  perform(link, request, argument);
}

function perform(link: Link, request: keyof typeof sockios, argument: Ifreq): Ifreq {
  if (link.libc.ioctl(link.socket, sockios[request], argument.bytes) < 0) {
    const errno = link.libc.errno();
    throw systemError({
      action: `Cannot configure ${link.name}`,
      syscall: `ioctl(${request})`,
      errno,
      ...(errno === errnos.ENODEV ? { code: 'DEVICE_GONE', remedy: 'there is no such interface here' } : {}),
    });
  }
  return argument;
}
