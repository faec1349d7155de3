import { parseMac } from '../language/numbers.ts';
import type { Direction } from '../language/syntax.ts';
import type { Protocol } from '../language/words.ts';
import * as E from './etherTypes.ts';
import { onSides } from './sides.ts';
import { tunnelHasEthernet } from './tunnels.ts';
import { hasLinkType } from './linkTypes.ts';
import type { Lowering } from './lowering.ts';
import { isDecnetHost } from './decnet.ts';
import { type Test, all, any, equals, equalsMasked } from './test.ts';

/** `host 10.0.0.1`, `net 10.0.0.0/8`: addresses of IPv4, and of ARP and RARP unless a protocol is named. */
export function isIpv4Host(
  lowering: Lowering,
  address: number,
  mask: number,
  protocol: Protocol | undefined,
  direction: Direction | undefined,
): Test {
  const at = (type: number, source: number, destination: number): Test =>
    onSides(
      direction,
      () => hasAddress(lowering, type, source, address, mask),
      () => hasAddress(lowering, type, destination, address, mask),
    );
  switch (protocol) {
    case undefined:
      if (lowering.frame.labels > 0) return at(E.IPV4, 12, 16);
      return any(at(E.IPV4, 12, 16), at(E.ARP, 14, 24), at(E.RARP, 14, 24));
    case 'ip':
      return at(E.IPV4, 12, 16);
    case 'arp':
      return at(E.ARP, 14, 24);
    case 'rarp':
      return at(E.RARP, 14, 24);
    case 'decnet':
      return isDecnetHost(lowering, address, direction);
    default:
      return lowering.fail(`'${protocol}' packets have no IPv4 addresses: use ip, arp or rarp, or no protocol`);
  }
}

function hasAddress(lowering: Lowering, type: number, offset: number, address: number, mask: number): Test {
  return all(hasLinkType(lowering, type), equalsMasked(lowering.frame.loadNetwork(offset, 4), address, mask));
}

/** `host fd00::1`, `net fd00::/8`. */
export function isIpv6Host(
  lowering: Lowering,
  address: readonly number[],
  prefixLength: number,
  protocol: Protocol | undefined,
  direction: Direction | undefined,
): Test {
  if (protocol !== undefined && protocol !== 'ip6') {
    lowering.fail(`'${protocol}' packets have no IPv6 addresses: use ip6, or no protocol`);
  }
  const at = (offset: number): Test =>
    all(
      hasLinkType(lowering, E.IPV6),
      ...address.map((word, i) =>
        equalsMasked(lowering.frame.loadNetwork(offset + 4 * i, 4), word, ipv6Mask(prefixLength, i)),
      ),
    );
  return onSides(
    direction,
    () => at(8),
    () => at(24),
  );
}

/** Word `index` of the mask of an IPv6 prefix. */
export function ipv6Mask(prefixLength: number, index: number): number {
  return prefixMask(Math.min(32, Math.max(0, prefixLength - 32 * index)));
}

/** The mask of an IPv4 prefix. */
export function prefixMask(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

/** `ether host 02:00:00:00:00:01`. */
export function isEtherHost(lowering: Lowering, text: string, direction: Direction | undefined): Test {
  const { frame } = lowering;
  if (frame.link !== 'ethernet') lowering.fail(`there are no MAC addresses on ${frame.linkName}`);
  const mac = parseMac(text) ?? lowering.fail(`'${text}' is no MAC address`);
  const test = onSides(
    direction,
    () => hasMac(lowering, 6, mac),
    () => hasMac(lowering, 0, mac),
  );
  return frame.isTunnelled ? all(tunnelHasEthernet(lowering), test) : test;
}

/** The last four bytes are compared first: they differ most. */
export function hasMac({ frame }: Lowering, offset: number, mac: Uint8Array): Test {
  const view = new DataView(mac.buffer, mac.byteOffset, 6);
  return all(
    equals(frame.loadHeader(offset + 2, 4), view.getUint32(2)),
    equals(frame.loadHeader(offset, 2), view.getUint16(0)),
  );
}
