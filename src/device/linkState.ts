import { IFF_UP } from '../sys/interfaceFlags.ts';
import type { LinkMessage } from '../sys/linkMessage.ts';
import { attributeNumber, attributeText } from '../sys/netlink.ts';
import { IFLA_CARRIER, IFLA_IFNAME, IFLA_MTU } from '../sys/rtnetlink.ts';
import type { DeviceEvent } from './events.ts';

/** What an interface was when we last heard of it. */
export interface LinkState {
  readonly index: number;
  readonly name: string;
  readonly mtu: number;
  readonly isUp: boolean;
  readonly hasCarrier: boolean;
}

/** The state that a message tells. What it leaves out is as `before`. */
export function linkState({ index, flags, attributes }: LinkMessage, before?: LinkState): LinkState {
  const [name, mtu, carrier] = [IFLA_IFNAME, IFLA_MTU, IFLA_CARRIER].map((type) => attributes.get(type));
  return {
    index,
    name: name === undefined ? (before?.name ?? '') : attributeText(name),
    mtu: mtu === undefined ? (before?.mtu ?? 0) : attributeNumber(mtu),
    isUp: (flags & IFF_UP) !== 0,
    hasCarrier: carrier === undefined ? (before?.hasCarrier ?? true) : attributeNumber(carrier) !== 0,
  };
}

/** What must have happened between two states. */
export function linkChanges(before: LinkState, after: LinkState): DeviceEvent[] {
  const events: DeviceEvent[] = [];
  if (before.name !== after.name) events.push({ type: 'renamed', name: after.name, before: before.name });
  if (before.mtu !== after.mtu) events.push({ type: 'mtu', mtu: after.mtu });
  if (before.isUp !== after.isUp) events.push({ type: after.isUp ? 'up' : 'down' });
  if (before.hasCarrier !== after.hasCarrier) events.push({ type: 'carrier', carrier: after.hasCarrier });
  return events;
}
