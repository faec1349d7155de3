import type { ByteOperator } from '../language/syntax.ts';
import type { Protocol } from '../language/words.ts';
import {
  ABS,
  ALU,
  ANCILLARY_INTERFACE,
  ANCILLARY_PACKET_TYPE,
  AND,
  B,
  H,
  type Instruction,
  JGE,
  JGT,
  K,
  LD,
  LEN,
  OR,
  PACKET_OUTGOING,
  W,
} from '../program/bpf.ts';
import * as E from './etherTypes.ts';
import { hasMac } from './hosts.ts';
import { hasLinkType, isLength } from './linkTypes.ts';
import type { Lowering } from './lowering.ts';
import { type Test, above, all, any, atLeast, equals, equalsMasked, hasBits, instruction, leaf, not } from './test.ts';
import { tunnelHasEthernet } from './tunnels.ts';

// Conditions on the frame as such: its length, its bytes, its link header, and how it came.

/** `broadcast`, `ip broadcast`. */
export function isBroadcast(lowering: Lowering, protocol: Protocol | undefined): Test {
  const { frame, netmask } = lowering;
  if (protocol === undefined || protocol === 'link') {
    if (frame.link !== 'ethernet') lowering.fail(`there is no broadcast on ${frame.linkName}`);
    return inEthernet(lowering, hasMac(lowering, 0, new Uint8Array(6).fill(0xff)));
  }
  if (protocol !== 'ip') lowering.fail(`'${protocol}' has no broadcast: use ether or ip`);
  if (netmask === undefined) return lowering.fail("'ip broadcast' needs to know the mask of the network");
  const hostBits = ~netmask >>> 0;
  return all(
    hasLinkType(lowering, E.IPV4),
    any(
      equalsMasked(frame.loadNetwork(16, 4), 0, hostBits),
      equalsMasked(frame.loadNetwork(16, 4), hostBits, hostBits),
    ),
  );
}

/** `multicast`, `ip multicast` (224.0.0.0/4), `ip6 multicast` (ff00::/8). */
export function isMulticast(lowering: Lowering, protocol: Protocol | undefined): Test {
  const { frame } = lowering;
  switch (protocol) {
    case undefined:
    case 'link':
      if (frame.link !== 'ethernet') lowering.fail(`there is no multicast on ${frame.linkName}`);
      return inEthernet(lowering, hasBits(frame.loadHeader(0, 1), 1));
    case 'ip':
      return all(hasLinkType(lowering, E.IPV4), equalsMasked(frame.loadNetwork(16, 1), 0xe0, 0xf0));
    case 'ip6':
      return all(hasLinkType(lowering, E.IPV6), equals(frame.loadNetwork(24, 1), 0xff));
    default:
      return lowering.fail(`'${protocol}' has no multicast: use ether, ip or ip6`);
  }
}

function inEthernet(lowering: Lowering, test: Test): Test {
  return lowering.frame.isTunnelled ? all(tunnelHasEthernet(lowering), test) : test;
}

/** `less 128`, `greater 128`: both include the number. */
export function hasLength(atMost: boolean, bytes: number): Test {
  const length = [instruction(LD | LEN)];
  return atMost ? not(leaf(length, JGT | K, bytes)) : leaf(length, JGE | K, bytes);
}

/** `byte 8 = 5`: counted from the link header. */
export function hasByte({ frame }: Lowering, index: number, operator: ByteOperator, value: number): Test {
  const byte = frame.loadHeader(index, 1);
  switch (operator) {
    case '=':
      return equals(byte, value);
    case '<':
      return not(atLeast(byte, value));
    case '>':
      return above(byte, value);
    case '&':
      return not(equals([...byte, instruction(ALU | AND | K, value)], 0));
    case '|':
      return not(equals([...byte, instruction(ALU | OR | K, value)], 0));
  }
}

/** `outbound`: sent by the interface's own side. Cooked captures have it in their header, others beside the packet. */
export function isOutbound({ frame }: Lowering, outbound: boolean): Test {
  const test = equals(packetType(frame.link), PACKET_OUTGOING);
  return outbound ? test : not(test);
}

function packetType(link: string): Instruction[] {
  if (link === 'sll') return [instruction(LD | ABS | H, 0)];
  if (link === 'sll2') return [instruction(LD | ABS | B, 10)];
  return [instruction(LD | ABS | H, ANCILLARY_PACKET_TYPE)];
}

/** `ifindex 2`. */
export function isInterface({ frame }: Lowering, index: number): Test {
  return equals([instruction(LD | ABS | W, frame.link === 'sll2' ? 4 : ANCILLARY_INTERFACE)], index);
}

/** Control fields of 802.2 frames, with the bits that tell. */
const LLC_CONTROLS: Readonly<Record<string, { readonly value: number; readonly mask: number }>> = {
  s: { value: 0x01, mask: 0x03 },
  u: { value: 0x03, mask: 0x03 },
  rr: { value: 0x01, mask: 0x0f },
  rnr: { value: 0x05, mask: 0x0f },
  rej: { value: 0x09, mask: 0x0f },
  ui: { value: 0x03, mask: 0xef },
  ua: { value: 0x63, mask: 0xef },
  disc: { value: 0x43, mask: 0xef },
  dm: { value: 0x0f, mask: 0xef },
  sabme: { value: 0x6f, mask: 0xef },
  test: { value: 0xe3, mask: 0xef },
  xid: { value: 0xaf, mask: 0xef },
  frmr: { value: 0x87, mask: 0xef },
};

/** `llc`, `llc ui`: an 802.3 frame that is no raw Novell one. */
export function isLlc(lowering: Lowering, subtype: string | undefined): Test {
  const { frame } = lowering;
  if (frame.link !== 'ethernet') lowering.fail(`there is no llc on ${frame.linkName}`);
  const test = all(isLength(frame), not(equals(frame.loadLlc(0, 2), 0xffff)));
  if (subtype === undefined) return test;
  if (subtype === 'i') return all(test, not(hasBits(frame.loadLlc(2, 1), 0x01)));
  const control = LLC_CONTROLS[subtype];
  if (control === undefined) return lowering.fail(`'${subtype}' is no type of LLC frame`);
  return all(test, equalsMasked(frame.loadLlc(2, 1), control.value, control.mask));
}
