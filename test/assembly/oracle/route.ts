import * as layout from '../../../assembly/layout.ts';
import type { Dissected, VirtioFields } from '../descriptor.ts';
import type { OutcomeFields, PortShape } from '../line.ts';

/** A packet about to leave: what is known of it. */
export interface Leaving {
  frame: Uint8Array;
  found: Dissected;
  virtio: VirtioFields;
  inPort: number;
  outcome: OutcomeFields;
}

/** Where a packet goes, or why it does not, and the virtio header that it takes along. */
export interface Routed {
  port: number;
  reason: number | undefined;
  /** The 12 bytes before the frame; undefined where the port has none. */
  header: number[] | undefined;
  /** Whether the checksum must be completed here. */
  completes: boolean;
}

const NONE = { header: undefined, completes: false };

/** Finds the way of one packet through `ports`. */
export function routeOne(ports: readonly PortShape[], leaving: Leaving): Routed {
  const { outcome, inPort } = leaving;
  const stay = (reason?: number): Routed => ({ port: layout.NO_PORT, reason, ...NONE });
  if (outcome.verdict === layout.VERDICT_DROP) return stay();
  let target = ports[inPort]?.route ?? layout.NO_PORT;
  if (outcome.verdict === layout.VERDICT_REFLECT) target = inPort;
  if (outcome.verdict === layout.VERDICT_REDIRECT) target = outcome.outPort;
  else if (target === layout.NO_PORT) return stay(layout.REASON_NO_ROUTE);
  const port = ports[target];
  if (port === undefined) return stay(layout.REASON_BAD_PORT);
  const reason = refusalOf(leaving, ports[inPort]?.link, port);
  if (reason !== undefined) return stay(reason);
  return { port: target, reason: undefined, ...prepared(leaving, port) };
}

function refusalOf(leaving: Leaving, link: number | undefined, port: PortShape): number | undefined {
  const { found, frame } = leaving;
  if (link !== port.link) return layout.REASON_WRONG_LINK;
  if (frame.length < (port.link === layout.LINK_ETHERNET ? 14 : 1)) return layout.REASON_RUNT;
  if (found.malformed === layout.MALFORMED_VNET_HEADER) return layout.REASON_BAD_OFFLOAD;
  if (!isSuper(leaving)) return undefined;
  const csumOffset = found.flags & layout.PACKET_TCP ? 16 : 6;
  const isWhole = (found.flags & layout.PACKET_TRUNCATED) === 0;
  const isTooMany = (found.flags & layout.PACKET_UDP) !== 0 && found.payloadLength > 128 * leaving.virtio.gsoSize;
  const isConsistent =
    isWhole &&
    (leaving.virtio.vnetFlags & 1) === 1 &&
    leaving.virtio.csumStart === found.l4 &&
    leaving.virtio.csumOffset === csumOffset;
  if (!isConsistent) return layout.REASON_BAD_OFFLOAD;
  // These lines have no pool of segments.
  const isTaken = port.header > 0 && (port.offloads & needed(leaving)) === needed(leaving) && !isTooMany;
  return isTaken ? undefined : layout.REASON_NEEDS_SEGMENTATION;
}

function isSuper({ found, virtio }: Leaving): boolean {
  return (virtio.gsoType & 0x7f) !== 0 && found.payloadLength > virtio.gsoSize;
}

/** CSUM always; TSO4 2, TSO6 4, TSO_ECN 8, USO4 0x20, USO6 0x40: <linux/if_tun.h>. */
function needed({ found, virtio }: Leaving): number {
  const isVersion4 = (found.flags & layout.PACKET_IPV4) !== 0;
  if (found.flags & layout.PACKET_UDP) return 1 | (isVersion4 ? 0x20 : 0x40);
  return 1 | (isVersion4 ? 2 : 4) | (virtio.gsoType & 0x80 ? 8 : 0);
}

function prepared(leaving: Leaving, port: PortShape): Pick<Routed, 'header' | 'completes'> {
  const { virtio, found } = leaving;
  const isPartial = (virtio.vnetFlags & 1) === 1;
  const keeps = isPartial && port.header > 0 && (port.offloads & 1) === 1;
  const completes = isPartial && !keeps;
  if (port.header === 0) return { header: undefined, completes };
  const header = new DataView(new ArrayBuffer(12));
  if (keeps) {
    header.setUint8(0, 1);
    header.setUint16(2, virtio.csumStart + virtio.csumOffset + 2, true);
    header.setUint16(6, virtio.csumStart, true);
    header.setUint16(8, virtio.csumOffset, true);
  }
  if (isSuper(leaving)) {
    header.setUint8(1, virtio.gsoType);
    header.setUint16(2, found.payload, true);
    header.setUint16(4, virtio.gsoSize, true);
  }
  return { header: [...new Uint8Array(header.buffer)], completes };
}
