import { interfaceFlagNames } from '../sys/interfaceFlags.ts';
import { IFF_TAP } from '../sys/ifTun.ts';
import { type Libc, loadLibc } from '../sys/libc.ts';
import { attributes, netlinkDump } from '../sys/netlink.ts';
import * as rt from '../sys/rtnetlink.ts';
import { formatMac } from './mac.ts';

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
  readonly stats64: { readonly rx: LinkCounters; readonly tx: LinkCounters };
}

/** What the driver says; nothing beyond `type` before Linux 4.18. */
export interface TunInfo {
  readonly type: 'tun' | 'tap';
  readonly pi?: boolean;
  readonly vnet_hdr?: boolean;
  readonly multi_queue?: boolean;
  /** Only with `multi_queue`. */
  readonly numqueues?: number;
  readonly numdisabled?: number;
  readonly persist?: boolean;
  /** Ids of the owner of a persistent device. */
  readonly user?: number;
  readonly group?: number;
}

/** Counts since the interface was made, exact below 2^53. */
export interface LinkCounters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
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
  const link = attributes(message.subarray(rt.IFINFOMSG_BYTES));
  const info = attributes(link.get(rt.IFLA_LINKINFO) ?? none);
  if (text(info.get(rt.IFLA_INFO_KIND)) !== 'tun') return [];
  const head = new DataView(message.buffer, message.byteOffset, rt.IFINFOMSG_BYTES);
  const type = head.getUint16(2, true);
  const mac = link.get(rt.IFLA_ADDRESS);
  return [
    {
      ifindex: head.getInt32(4, true),
      ifname: text(link.get(rt.IFLA_IFNAME)),
      flags: interfaceFlagNames(head.getUint32(8, true)),
      mtu: number(link.get(rt.IFLA_MTU)),
      operstate: operStates[number(link.get(rt.IFLA_OPERSTATE))] ?? 'UNKNOWN',
      txqlen: number(link.get(rt.IFLA_TXQLEN)),
      link_type: linkTypes[type] ?? `[${type}]`,
      ...(mac === undefined || mac.length === 0 ? {} : { address: formatMac(mac) }),
      linkinfo: { info_kind: 'tun', info_data: describeTun(attributes(info.get(rt.IFLA_INFO_DATA) ?? none), type) },
      stats64: describeCounters(link.get(rt.IFLA_STATS64)),
    },
  ];
}

function describeTun(data: Map<number, Uint8Array>, linkType: number): TunInfo {
  const type = data.has(rt.IFLA_TUN_TYPE) ? number(data.get(rt.IFLA_TUN_TYPE)) === IFF_TAP : linkType === ARPHRD_ETHER;
  const entries = tunFields.flatMap(([name, attribute, convert]) => {
    const value = data.get(attribute);
    return value === undefined ? [] : [[name, convert(number(value))]];
  });
  return { type: type ? 'tap' : 'tun', ...(Object.fromEntries(entries) as Partial<TunInfo>) };
}

const tunFields: readonly (readonly [keyof TunInfo, number, (value: number) => boolean | number])[] = [
  ['pi', rt.IFLA_TUN_PI, Boolean],
  ['vnet_hdr', rt.IFLA_TUN_VNET_HDR, Boolean],
  ['multi_queue', rt.IFLA_TUN_MULTI_QUEUE, Boolean],
  ['numqueues', rt.IFLA_TUN_NUM_QUEUES, Number],
  ['numdisabled', rt.IFLA_TUN_NUM_DISABLED_QUEUES, Number],
  ['persist', rt.IFLA_TUN_PERSIST, Boolean],
  ['user', rt.IFLA_TUN_OWNER, Number],
  ['group', rt.IFLA_TUN_GROUP, Number],
];

/** `struct rtnl_link_stats64` of `<linux/if_link.h>`: pairs of u64, receive then transmit. */
function describeCounters(stats: Uint8Array = none): DeviceInfo['stats64'] {
  const view = new DataView(stats.buffer, stats.byteOffset, stats.byteLength);
  const counter = (index: number) => (stats.length >= 8 * (index + 1) ? Number(view.getBigUint64(8 * index, true)) : 0);
  return {
    rx: { bytes: counter(2), packets: counter(0), errors: counter(4), dropped: counter(6) },
    tx: { bytes: counter(3), packets: counter(1), errors: counter(5), dropped: counter(7) },
  };
}

const none = new Uint8Array(0);

/** `<linux/if_arp.h>` */
const ARPHRD_ETHER = 1;
const linkTypes: Readonly<Record<number, string>> = { [ARPHRD_ETHER]: 'ether', 0xfffe: 'none' };

/** IF_OPER_* of `<linux/if.h>`, from 0. */
const operStates = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'];

function text(value: Uint8Array = none): string {
  const end = value.indexOf(0);
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
}

/** An unsigned little-endian integer of one, two or four bytes. */
function number(value: Uint8Array = none): number {
  return value.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
