import { interfaceFlagNames } from '../sys/interfaceFlags.ts';
import { type Libc, loadLibc } from '../sys/libc.ts';
import { parseLink } from '../sys/linkMessage.ts';
import { attributeNumber, attributeText, netlinkDump } from '../sys/netlink.ts';
import * as rt from '../sys/rtnetlink.ts';
import { formatMac } from './mac.ts';
import { type DeviceStatistics, linkStatistics } from './statistics.ts';
import { describeTun, isTun, type TunInfo } from './tunInfo.ts';

export type { TunInfo } from './tunInfo.ts';

/** A TUN/TAP interface as `ip -d -j -s link` shows it, with the same names. */
export interface DeviceInfo {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  /** In bytes, without the Ethernet header. */
  readonly mtu: number;
  /** UP, DOWN, UNKNOWN, … (RFC 2863). */
  readonly operstate: string;
  /** Packets that may wait for the reader, per queue. */
  readonly txqlen: number;
  /** `none` for TUN, `ether` for TAP. */
  readonly link_type: string;
  /** MAC address; absent on TUN. */
  readonly address?: string;
  readonly linkinfo: { readonly info_kind: 'tun'; readonly info_data: TunInfo };
  /** From the kernel's side: `rx` is what we wrote, `tx` what we read or failed to read in time (`dropped`). */
  readonly stats64: DeviceStatistics;
}

/**
 * All TUN and TAP interfaces of the current network namespace, whoever holds them, by interface index.
 *
 * @throws {TaplineError} `NOT_SUPPORTED`, `SYSCALL`
 */
export async function listDevices(): Promise<DeviceInfo[]> {
  return dumpDevices(await loadLibc());
}

function dumpDevices(libc: Libc): DeviceInfo[] {
  const devices = netlinkDump(libc, rt.RTM_GETLINK, new Uint8Array(rt.IFINFOMSG_BYTES)).flatMap(describeLink);
  return devices.sort((a, b) => a.ifindex - b.ifindex);
}

function describeLink(message: Uint8Array): DeviceInfo[] {
  const link = parseLink(message);
  if (!isTun(link)) return [];
  const mac = link.attributes.get(rt.IFLA_ADDRESS);
  const number = (attribute: number) => attributeNumber(link.attributes.get(attribute));
  return [
    {
      ifindex: link.index,
      ifname: attributeText(link.attributes.get(rt.IFLA_IFNAME)),
      flags: interfaceFlagNames(link.flags),
      mtu: number(rt.IFLA_MTU),
      operstate: operStates[number(rt.IFLA_OPERSTATE)] ?? 'UNKNOWN',
      txqlen: number(rt.IFLA_TXQLEN),
      link_type: linkTypes[link.type] ?? `[${link.type}]`,
      ...(mac === undefined || mac.length === 0 ? {} : { address: formatMac(mac) }),
      linkinfo: { info_kind: 'tun', info_data: describeTun(link) },
      stats64: linkStatistics(link),
    },
  ];
}

const linkTypes: Readonly<Record<number, string>> = { [rt.ARPHRD_ETHER]: 'ether', [rt.ARPHRD_NONE]: 'none' };

/** IF_OPER_* of `<linux/if.h>`, from 0. */
const operStates = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'];
