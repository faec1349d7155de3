/** Requests on any datagram socket in the interface's network namespace (`<linux/sockios.h>`), each with an ifreq. */
export const SIOCGIFFLAGS = 0x8913;
export const SIOCSIFFLAGS = 0x8914;
export const SIOCGIFMTU = 0x8921;
export const SIOCSIFMTU = 0x8922;
/** The new name lies in the union. */
export const SIOCSIFNAME = 0x8923;
export const SIOCSIFHWADDR = 0x8924;
export const SIOCGIFHWADDR = 0x8927;
export const SIOCGIFINDEX = 0x8933;
/** The union holds the address of a command, see ethtool.ts. */
export const SIOCETHTOOL = 0x8946;
