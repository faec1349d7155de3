/** Flags of a network interface, `<linux/if.h>`. Those that a caller may set are MULTICAST, NOARP, PROMISC, ALLMULTI, UP. */
export const IFF_UP = 0x1;
export const IFF_BROADCAST = 0x2;
export const IFF_LOOPBACK = 0x8;
export const IFF_POINTOPOINT = 0x10;
export const IFF_RUNNING = 0x40;
/** No address resolution; on TAP it also silences neighbour discovery. */
export const IFF_NOARP = 0x80;
export const IFF_PROMISC = 0x100;
export const IFF_ALLMULTI = 0x200;
export const IFF_MULTICAST = 0x1000;
export const IFF_LOWER_UP = 0x10000;

/** Names as `ip link` prints them, in its order (`print_link_flags` of iproute2). */
export function interfaceFlagNames(flags: number): string[] {
  const names = order.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
  const hasNoCarrier = (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) === 0;
  return hasNoCarrier ? ['NO-CARRIER', ...names] : names;
}

const order: readonly (readonly [string, number])[] = [
  ['LOOPBACK', IFF_LOOPBACK],
  ['BROADCAST', IFF_BROADCAST],
  ['POINTOPOINT', IFF_POINTOPOINT],
  ['MULTICAST', IFF_MULTICAST],
  ['NOARP', IFF_NOARP],
  ['ALLMULTI', IFF_ALLMULTI],
  ['PROMISC', IFF_PROMISC],
  ['MASTER', 0x400],
  ['SLAVE', 0x800],
  ['DEBUG', 0x4],
  ['DYNAMIC', 0x8000],
  ['AUTOMEDIA', 0x4000],
  ['PORTSEL', 0x2000],
  ['NOTRAILERS', 0x20],
  ['UP', IFF_UP],
  ['LOWER_UP', IFF_LOWER_UP],
  ['DORMANT', 0x20000],
  ['ECHO', 0x40000],
];
