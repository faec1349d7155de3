import { IMM, LD } from '../program/bpf.ts';
import * as E from './etherTypes.ts';
import type { Frame } from './frame.ts';
import type { Lowering } from './lowering.ts';
import { type Test, above, all, any, equals, equalsMasked, instruction, not } from './test.ts';

/** Whether the link header announces `type`: an EtherType, or below 1501 an 802.2 SAP. */
export function hasLinkType(lowering: Lowering, type: number): Test {
  const { frame } = lowering;
  if (frame.labels > 0) return isBehindLabels(lowering, type);
  switch (frame.link) {
    case 'ethernet':
      return isEthernetType(frame, type);
    case 'raw':
      return isRawType(frame, type);
    case 'ipv4':
      return constant(type === E.IPV4);
    case 'ipv6':
      return constant(type === E.IPV6);
    case 'sll':
      return isCookedType(frame, type);
    case 'sll2':
      return equals(frame.loadType(), type);
    case 'ppp':
      return equals(frame.loadType(), E.PPP_PROTOCOLS[type] ?? type);
    case 'null':
    case 'loop':
      return isLoopbackType(frame, type);
  }
}

/** Always true, or never. */
export function constant(isTrue: boolean): Test {
  return equals([instruction(LD | IMM, isTrue ? 0 : 1)], 0);
}

/** MPLS does not say what follows: the last label has its bottom-of-stack bit, then the IP version tells. */
function isBehindLabels(lowering: Lowering, type: number): Test {
  const { frame } = lowering;
  const version = type === E.IPV4 ? 0x40 : 0x60;
  if (type !== E.IPV4 && type !== E.IPV6) lowering.fail('behind mpls only ip and ip6 can be told');
  return all(equalsMasked(frame.loadNetwork(-2, 1), 0x01, 0x01), equalsMasked(frame.loadNetwork(0, 1), version, 0xf0));
}

function isRawType(frame: Frame, type: number): Test {
  if (type === E.IPV4) return equalsMasked(frame.loadHeader(0, 1), 0x40, 0xf0);
  if (type === E.IPV6) return equalsMasked(frame.loadHeader(0, 1), 0x60, 0xf0);
  return constant(false);
}

/** 802.3: the type field holds a length. */
export function isLength(frame: Frame): Test {
  return not(above(frame.loadType(), E.LENGTH_LIMIT));
}

function isEthernetType(frame: Frame, type: number): Test {
  switch (type) {
    case E.SAP_ISO:
    case E.SAP_IP:
    case E.SAP_NETBEUI:
      return all(isLength(frame), equals(frame.loadLlc(0, 2), (type << 8) | type));
    case E.SAP_IPX:
      return any(
        equals(frame.loadType(), E.IPX),
        all(
          isLength(frame),
          any(isSnap(frame, 0, E.IPX), equals(frame.loadLlc(0, 1), E.SAP_IPX), equals(frame.loadLlc(0, 2), 0xffff)),
        ),
      );
    case E.ATALK:
      return any(equals(frame.loadType(), type), all(isLength(frame), isSnap(frame, 0x080007, type)));
    case E.AARP:
      return any(equals(frame.loadType(), type), all(isLength(frame), isSnap(frame, 0, type)));
    default:
      if (type > E.LENGTH_LIMIT) return equals(frame.loadType(), type);
      return all(isLength(frame), equals(frame.loadSap(), type));
  }
}

/** Protocol numbers of Linux cooked captures, `<linux/if_ether.h>`. */
const ETH_P_802_3 = 1;
const ETH_P_802_2 = 4;

function isCookedType(frame: Frame, type: number): Test {
  const isLlc = equals(frame.loadType(), ETH_P_802_2);
  switch (type) {
    case E.SAP_ISO:
    case E.SAP_IP:
    case E.SAP_NETBEUI:
      return all(isLlc, equals(frame.loadLlc(0, 2), (type << 8) | type));
    case E.SAP_IPX:
      return any(
        equals(frame.loadType(), E.IPX),
        equals(frame.loadType(), ETH_P_802_3),
        all(isLlc, any(equals(frame.loadLlc(0, 1), E.SAP_IPX), isSnap(frame, 0, E.IPX))),
      );
    case E.ATALK:
      return any(equals(frame.loadType(), type), all(isLlc, isSnap(frame, 0x080007, type)));
    case E.AARP:
      return any(equals(frame.loadType(), type), all(isLlc, isSnap(frame, 0, type)));
    default:
      if (type > E.LENGTH_LIMIT) return equals(frame.loadType(), type);
      return all(isLlc, equals(frame.loadLlc(0, 1), type));
  }
}

/** An 802.2 SNAP header (aa aa 03) with this organisation and type; its end is compared first. */
function isSnap(frame: Frame, organisation: number, type: number): Test {
  return all(
    equals(frame.loadLlc(4, 4), ((organisation & 0xffff) << 16) | type),
    equals(frame.loadLlc(0, 4), (0xaaaa03 << 8) | (organisation >> 16)),
  );
}

/** AF_INET and AF_INET6 of Linux; captures from other systems may have other numbers for IPv6. */
const FAMILIES: Readonly<Record<number, number>> = { [E.IPV4]: 2, [E.IPV6]: 10 };

/** DLT_NULL has the address family in the capturing machine's byte order (here little-endian), DLT_LOOP in network order. */
function isLoopbackType(frame: Frame, type: number): Test {
  const family = FAMILIES[type];
  if (family === undefined) return constant(false);
  return equals(frame.loadHeader(0, 4), frame.link === 'null' ? family << 24 : family);
}
