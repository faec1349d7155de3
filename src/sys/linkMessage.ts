import type { Link } from './link.ts';
import { attribute, attributes, netlinkAsk } from './netlink.ts';
import { IFINFOMSG_BYTES, IFLA_IFNAME, RTM_GETLINK } from './rtnetlink.ts';

/** What rtnetlink says of a link (RTM_NEWLINK, RTM_DELLINK). */
export interface LinkMessage {
  /** AF_UNSPEC (0) says all; others are about one aspect: a bridge tells of its ports with AF_BRIDGE. */
  readonly family: number;
  /** ARPHRD_* of `<linux/if_arp.h>`. */
  readonly type: number;
  readonly index: number;
  /** All 32 interface flags. */
  readonly flags: number;
  /** By IFLA_*. */
  readonly attributes: ReadonlyMap<number, Uint8Array>;
}

/** Asks for one link, by name. The socket of `link` must be an rtnetlink socket, as `openControlSocket` makes them. */
export function readLink(link: Link): LinkMessage {
  const name = new TextEncoder().encode(`${link.name}\0`);
  const body = new Uint8Array([...new Uint8Array(IFINFOMSG_BYTES), ...attribute(IFLA_IFNAME, name)]);
  return parseLink(netlinkAsk(link.libc, link.socket, RTM_GETLINK, body, `Cannot ask for ${link.name}`));
}

/** Cuts the body of a message about a link: ifinfomsg, then attributes. */
export function parseLink(body: Uint8Array): LinkMessage {
  const head = new DataView(body.buffer, body.byteOffset, IFINFOMSG_BYTES);
  return {
    family: head.getUint8(0),
    type: head.getUint16(2, true),
    index: head.getInt32(4, true),
    flags: head.getUint32(8, true),
    attributes: attributes(body.subarray(IFINFOMSG_BYTES)),
  };
}
