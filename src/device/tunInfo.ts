import { IFF_TAP } from '../sys/ifTun.ts';
import type { LinkMessage } from '../sys/linkMessage.ts';
import { attributeNumber, attributes, attributeText } from '../sys/netlink.ts';
import * as rt from '../sys/rtnetlink.ts';

/** What the driver says of a device, with the names of `ip -d -j link`; nothing beyond `type` before Linux 4.18. */
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

/** Whether a link is a TUN or TAP device. */
export function isTun(link: LinkMessage): boolean {
  return attributeText(infoOf(link).get(rt.IFLA_INFO_KIND)) === 'tun';
}

/** Reads what rtnetlink says of a TUN or TAP device. */
export function describeTun(link: LinkMessage): TunInfo {
  const data = attributes(infoOf(link).get(rt.IFLA_INFO_DATA) ?? none);
  const type = data.get(rt.IFLA_TUN_TYPE);
  const isTap = type === undefined ? link.type === rt.ARPHRD_ETHER : attributeNumber(type) === IFF_TAP;
  const entries = fields.flatMap(([name, attribute, convert]) => {
    const value = data.get(attribute);
    return value === undefined ? [] : [[name, convert(attributeNumber(value))]];
  });
  return { type: isTap ? 'tap' : 'tun', ...(Object.fromEntries(entries) as Partial<TunInfo>) };
}

const none = new Uint8Array(0);

const fields: readonly (readonly [keyof TunInfo, number, (value: number) => boolean | number])[] = [
  ['pi', rt.IFLA_TUN_PI, Boolean],
  ['vnet_hdr', rt.IFLA_TUN_VNET_HDR, Boolean],
  ['multi_queue', rt.IFLA_TUN_MULTI_QUEUE, Boolean],
  ['numqueues', rt.IFLA_TUN_NUM_QUEUES, Number],
  ['numdisabled', rt.IFLA_TUN_NUM_DISABLED_QUEUES, Number],
  ['persist', rt.IFLA_TUN_PERSIST, Boolean],
  ['user', rt.IFLA_TUN_OWNER, Number],
  ['group', rt.IFLA_TUN_GROUP, Number],
];

function infoOf({ attributes: link }: LinkMessage): Map<number, Uint8Array> {
  return attributes(link.get(rt.IFLA_LINKINFO) ?? none);
}
