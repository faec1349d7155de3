import type { Direction } from '../language/syntax.ts';
import type { Instruction } from '../program/bpf.ts';
import * as E from './etherTypes.ts';
import { onSides } from './sides.ts';
import { hasLinkType } from './linkTypes.ts';
import type { Lowering } from './lowering.ts';
import { IP_PROTOCOLS, isFirstFragment, isNextHeader } from './protocols.ts';
import { type Test, above, all, any, atLeast, equals, not } from './test.ts';

/** IP protocol numbers to look for; undefined: any that has ports. */
export type PortProtocol = number | undefined;

/** `port 80`: IPv6 is asked first, and only where the transport header follows at once. */
export function hasPort(
  lowering: Lowering,
  port: number,
  protocol: PortProtocol,
  direction: Direction | undefined,
): Test {
  return anyVersion(lowering, protocol, direction, (code) => equals(code(), port));
}

/** `portrange 6000-6010`, both ends included, in any order. */
export function hasPortIn(
  lowering: Lowering,
  one: number,
  other: number,
  protocol: PortProtocol,
  direction: Direction | undefined,
): Test {
  const [low, high] = [Math.min(one, other), Math.max(one, other)];
  return anyVersion(lowering, protocol, direction, (code) => all(atLeast(code(), low), not(above(code(), high))));
}

type PortTest = (code: () => readonly Instruction[]) => Test;

function anyVersion(
  lowering: Lowering,
  protocol: PortProtocol,
  direction: Direction | undefined,
  test: PortTest,
): Test {
  return any(hasIpv6Port(lowering, protocol, direction, test), hasIpv4Port(lowering, protocol, direction, test));
}

export function hasIpv6Port(
  lowering: Lowering,
  protocol: PortProtocol,
  direction: Direction | undefined,
  test: PortTest,
): Test {
  const { frame } = lowering;
  const ports = onSides(
    direction,
    () => test(() => frame.loadBehindIpv6(0, 2)),
    () => test(() => frame.loadBehindIpv6(2, 2)),
  );
  return all(
    hasLinkType(lowering, E.IPV6),
    anyProtocol(protocol, (number) => all(isNextHeader(lowering, number), ports)),
  );
}

export function hasIpv4Port(
  lowering: Lowering,
  protocol: PortProtocol,
  direction: Direction | undefined,
  test: PortTest,
): Test {
  const { frame } = lowering;
  const ports = onSides(
    direction,
    () => test(() => frame.loadBehindIpv4(0, 2)),
    () => test(() => frame.loadBehindIpv4(2, 2)),
  );
  return all(
    hasLinkType(lowering, E.IPV4),
    anyProtocol(protocol, (number) => all(equals(frame.loadNetwork(9, 1), number), isFirstFragment(lowering), ports)),
  );
}

function anyProtocol(protocol: PortProtocol, test: (number: number) => Test): Test {
  if (protocol !== undefined) return test(protocol);
  return any(test(IP_PROTOCOLS.sctp), test(IP_PROTOCOLS.tcp), test(IP_PROTOCOLS.udp));
}
