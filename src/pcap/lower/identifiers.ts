import { suggest } from '../../suggest.ts';
import { parseIpv6, parseMac, parsePartialAddress } from '../language/numbers.ts';
import type { Condition, Qualifiers } from '../language/syntax.ts';
import { parseDecnet } from './decnet.ts';
import * as E from './etherTypes.ts';
import { isEtherHost, isIpv4Host, isIpv6Host, ipv6Mask, prefixMask } from './hosts.ts';
import type { Lowering } from './lowering.ts';
import { IP_PROTOCOL_NAMES, type Service, serviceOf } from './names.ts';
import { type PortProtocol, hasPort, hasPortIn } from './ports.ts';
import { isInChain } from './protochain.ts';
import { IP_PROTOCOLS, OSI_PROTOCOLS, carries } from './protocols.ts';
import { type Test, all, any, not } from './test.ts';

export type IdentifierNode = Extract<Condition, { type: 'identifier' }>;

/** An identifier with the words before it: `tcp dst port 80`, `net 10.0.0.0/8`. */
export function isIdentified(lowering: Lowering, node: IdentifierNode): Test {
  const { qualifiers } = node;
  switch (node.form) {
    case 'number':
      return isNumber(lowering, qualifiers, node.value);
    case 'address':
      return isAddress(lowering, qualifiers, node.text);
    case 'addressPrefix':
      return isNetwork(lowering, qualifiers, node.text, maskOf(lowering, node.prefixLength));
    case 'addressMask':
      return isNetwork(lowering, qualifiers, node.text, leftAligned(lowering, node.mask));
    case 'ipv6':
      return isIpv6(lowering, qualifiers, node.text, node.prefixLength);
    case 'mac':
      return isMac(lowering, qualifiers, node.text);
    case 'arcnet':
      return lowering.fail('ARCnet addresses are not supported: tapline does not carry ARCnet');
    case 'name':
      return isName(lowering, qualifiers, node.text);
  }
}

// ── Numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function isNumber(lowering: Lowering, qualifiers: Qualifiers, value: number): Test {
  const { protocol, direction, kind } = qualifiers;
  switch (kind) {
    case 'port':
    case 'portrange':
      return ports(lowering, qualifiers, [{ port: value }, { port: value }]);
    case 'proto':
      return carries(lowering, protocol, value);
    case 'protochain':
      return isInChain(lowering, protocol, value);
    case 'net': {
      checkIsNoMac(lowering, qualifiers);
      // `net 10` is 10.0.0.0/8, and `net 0` is 0.0.0.0/32.
      const missing = value === 0 ? 0 : Math.floor(Math.clz32(value) / 8) * 8;
      return isIpv4Host(lowering, (value << missing) >>> 0, prefixMask(32 - missing), protocol, direction);
    }
    case 'gateway':
      return lowering.fail("'gateway' needs the name of a host");
    default:
      checkIsNoMac(lowering, qualifiers);
      return isIpv4Host(lowering, value, 0xffffffff, protocol, direction);
  }
}

function checkIsNoMac(lowering: Lowering, { protocol }: Qualifiers): void {
  if (protocol === 'link') lowering.fail('ether host takes a MAC address, as in 02:00:00:00:00:01');
}

// ── IPv4 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

function isAddress(lowering: Lowering, qualifiers: Qualifiers, text: string): Test {
  const { protocol, direction, kind } = qualifiers;
  if (kind !== undefined && kind !== 'host' && kind !== 'net') lowering.fail(`'${kind}' takes no address`);
  if (protocol === 'decnet') {
    const address = parseDecnet(text) ?? lowering.fail(`'${text}' is no DECnet address`);
    return isIpv4Host(lowering, address, 0xffffffff, protocol, direction);
  }
  checkIsNoMac(lowering, qualifiers);
  const { value, bits } = partialAddress(lowering, text);
  return isIpv4Host(lowering, (value * 2 ** (32 - bits)) >>> 0, prefixMask(bits), protocol, direction);
}

function isNetwork(lowering: Lowering, qualifiers: Qualifiers, text: string, mask: number): Test {
  const { protocol, direction, kind } = qualifiers;
  const address = leftAligned(lowering, text);
  if ((address & ~mask) !== 0) lowering.fail(`${text} has bits outside of its mask: a network ends in zeros`);
  if (kind !== 'net') lowering.fail("a mask needs 'net' before the address");
  return isIpv4Host(lowering, address, mask, protocol, direction);
}

function maskOf(lowering: Lowering, prefixLength: number): number {
  if (prefixLength > 32) lowering.fail(`a prefix of IPv4 has 32 bits at most, got ${prefixLength}`);
  return prefixMask(prefixLength);
}

function leftAligned(lowering: Lowering, text: string): number {
  const { value, bits } = partialAddress(lowering, text);
  return (value * 2 ** (32 - bits)) >>> 0;
}

function partialAddress(lowering: Lowering, text: string): { readonly value: number; readonly bits: number } {
  return parsePartialAddress(text) ?? lowering.fail(`'${text}' is no IPv4 address`);
}

// ── IPv6 and MAC ─────────────────────────────────────────────────────────────────────────────────────────────────────

function isIpv6(lowering: Lowering, qualifiers: Qualifiers, text: string, prefixLength: number): Test {
  const { protocol, direction, kind } = qualifiers;
  const address = parseIpv6(text) ?? lowering.fail(`'${text}' is no IPv6 address`);
  if (prefixLength > 128) lowering.fail(`a prefix of IPv6 has 128 bits at most, got ${prefixLength}`);
  if (address.some((word, i) => (word & ~ipv6Mask(prefixLength, i)) !== 0)) {
    lowering.fail(`${text}/${prefixLength} has bits outside of its prefix: a network ends in zeros`);
  }
  if (kind !== undefined && kind !== 'host' && kind !== 'net') lowering.fail(`'${kind}' takes no IPv6 address`);
  if (kind !== 'net' && prefixLength !== 128) lowering.fail("a prefix needs 'net' before the address");
  return isIpv6Host(lowering, address, prefixLength, protocol, direction);
}

function isMac(lowering: Lowering, { protocol, direction, kind }: Qualifiers, text: string): Test {
  if (protocol !== 'link' || (kind !== undefined && kind !== 'host')) {
    lowering.fail("a MAC address needs 'ether host', 'ether src' or 'ether dst' before it");
  }
  return isEtherHost(lowering, text, direction);
}

// ── Names ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function isName(lowering: Lowering, qualifiers: Qualifiers, name: string): Test {
  const { protocol } = qualifiers;
  switch (qualifiers.kind) {
    case 'net':
      return isNamedNetwork(lowering, qualifiers, name);
    case 'port':
      return ports(lowering, qualifiers, [service(lowering, name), service(lowering, name)]);
    case 'portrange':
      return ports(lowering, qualifiers, range(lowering, name));
    case 'proto':
      return carries(lowering, protocol, protocolNumber(lowering, qualifiers, name));
    case 'protochain':
      return isInChain(lowering, protocol, protocolNumber(lowering, qualifiers, name));
    case 'gateway':
      return isGateway(lowering, qualifiers, name);
    default:
      return isNamedHost(lowering, qualifiers, name);
  }
}

function isNamedHost(lowering: Lowering, qualifiers: Qualifiers, name: string): Test {
  const { protocol, direction } = qualifiers;
  if (protocol === 'link') return isEtherHost(lowering, macOf(lowering, name), direction);
  if (protocol === 'decnet') lowering.fail(`names of DECnet hosts are not supported: write the address of '${name}'`);
  const tests = addressesOf(lowering, name).flatMap((address) => {
    const version = address.includes(':') ? 6 : 4;
    if (version === 4 && protocol === 'ip6') return [];
    if (version === 6 && protocol !== undefined && protocol !== 'ip6') return [];
    return [hostTest(lowering, qualifiers, address)];
  });
  const [first, ...rest] = tests;
  if (first === undefined) return lowering.fail(`'${name}' has no address that ${protocol ?? 'IP'} could have`);
  return any(first, ...rest);
}

function hostTest(lowering: Lowering, { protocol, direction }: Qualifiers, address: string): Test {
  const words = parseIpv6(address);
  if (words !== undefined && address.includes(':')) return isIpv6Host(lowering, words, 128, protocol, direction);
  const { value, bits } = partialAddress(lowering, address);
  if (bits !== 32) lowering.fail(`the resolver says '${address}', which is no address`);
  return isIpv4Host(lowering, value, 0xffffffff, protocol, direction);
}

function addressesOf(lowering: Lowering, name: string): readonly string[] {
  const found = lowering.names.addresses?.(name) ?? [];
  if (found.length > 0) return found;
  return lowering.fail(
    lowering.names.addresses === undefined
      ? `'${name}' is a name, and no resolver was given: write its address`
      : `the host '${name}' is not known`,
  );
}

function macOf(lowering: Lowering, name: string): string {
  const mac = lowering.names.mac?.(name);
  if (mac === undefined) lowering.fail(`the MAC address of '${name}' is not known: write it, or give a resolver`);
  if (parseMac(mac) === undefined) lowering.fail(`the resolver says '${mac}', which is no MAC address`);
  return mac;
}

function isNamedNetwork(lowering: Lowering, qualifiers: Qualifiers, name: string): Test {
  const network = lowering.names.network?.(name);
  if (network === undefined) lowering.fail(`the network '${name}' is not known: write its address, or give a resolver`);
  const [address = '', length = ''] = network.split('/');
  if (!/^\d+$/.test(length)) lowering.fail(`the resolver says '${network}', which is no network`);
  if (address.includes(':')) return isIpv6(lowering, qualifiers, address, Number(length));
  return isNetwork(lowering, qualifiers, address, maskOf(lowering, Number(length)));
}

/** Packets by way of a gateway: its MAC address, and not its own IP address. */
function isGateway(lowering: Lowering, { protocol }: Qualifiers, name: string): Test {
  if (protocol !== undefined && !['ip', 'arp', 'rarp'].includes(protocol)) {
    lowering.fail(`there is no gateway of '${protocol}'`);
  }
  const isOfGateway = isEtherHost(lowering, macOf(lowering, name), 'src or dst');
  const addresses = addressesOf(lowering, name).filter((address) => !address.includes(':'));
  const [first, ...rest] = addresses.map((address) =>
    hostTest(lowering, { protocol, direction: 'src or dst', kind: 'host' }, address),
  );
  if (first === undefined) lowering.fail(`the gateway '${name}' has no IPv4 address`);
  return all(isOfGateway, not(any(first, ...rest)));
}

// ── Ports ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const WITH_PORTS = ['tcp', 'udp', 'sctp'] as const;

function ports(lowering: Lowering, qualifiers: Qualifiers, [one, other]: readonly [Service, Service]): Test {
  const { direction, kind } = qualifiers;
  for (const { port } of [one, other]) {
    if (port > 0xffff) lowering.fail(`there is no port ${port}: 65535 is the last`);
  }
  const named = one.protocol === other.protocol ? one.protocol : undefined;
  const protocol = portProtocol(lowering, qualifiers, named);
  return kind === 'portrange'
    ? hasPortIn(lowering, one.port, other.port, protocol, direction)
    : hasPort(lowering, one.port, protocol, direction);
}

/** A service may belong to one protocol only. */
function portProtocol(lowering: Lowering, { protocol }: Qualifiers, named: Service['protocol']): PortProtocol {
  const wanted = WITH_PORTS.find((name) => name === protocol);
  if (protocol !== undefined && wanted === undefined) lowering.fail(`'${protocol}' has no ports: use tcp, udp or sctp`);
  if (wanted !== undefined && named !== undefined && wanted !== named) {
    lowering.fail(`this service belongs to ${named}, not to ${wanted}`);
  }
  const name = wanted ?? named;
  return name === undefined ? undefined : IP_PROTOCOLS[name];
}

function service(lowering: Lowering, name: string): Service {
  return (
    serviceOf(lowering.names, name) ??
    lowering.fail(
      /^\d+-\d+$/.test(name) ? `'${name}' is a range: write portrange ${name}` : `the port '${name}' is not known`,
    )
  );
}

/** `80-90`, `http-https`. What follows two numbers is not looked at. */
function range(lowering: Lowering, text: string): readonly [Service, Service] {
  const numbers = /^(\d+)-(\d+)/.exec(text);
  if (numbers !== null) return [{ port: Number(numbers[1]) }, { port: Number(numbers[2]) }];
  const dash = text.indexOf('-');
  if (dash < 0) lowering.fail(`'${text}' is no range: write port ${text}, or the two ends of a range`);
  return [end(lowering, text.slice(0, dash)), end(lowering, text.slice(dash + 1))];
}

function end(lowering: Lowering, text: string): Service {
  return /^\d+$/.test(text) ? { port: Number(text) } : service(lowering, text);
}

// ── Protocols ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Names behind `ether proto`. */
const LINK_PROTOCOLS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    aarp: E.AARP,
    arp: E.ARP,
    atalk: E.ATALK,
    decnet: E.DECNET,
    ip: E.IPV4,
    ip6: E.IPV6,
    lat: E.LAT,
    loopback: E.LOOPBACK,
    mopdl: E.MOPDL,
    moprc: E.MOPRC,
    rarp: E.RARP,
    sca: E.SCA,
    iso: E.SAP_ISO,
    stp: E.SAP_STP,
    ipx: E.SAP_IPX,
    netbeui: E.SAP_NETBEUI,
  }),
);

const OSI_NAMES: ReadonlyMap<string, number> = new Map(Object.entries({ ...OSI_PROTOCOLS, clnp: 0x81 }));

function protocolNumber(lowering: Lowering, { protocol }: Qualifiers, name: string): number {
  const table = tableOf(protocol);
  const number = table.get(name);
  if (number !== undefined) return number;
  return lowering.fail(`the protocol '${name}' is not known${suggest(name, [...table.keys()])}`);
}

function tableOf(protocol: Qualifiers['protocol']): ReadonlyMap<string, number> {
  if (protocol === 'link') return LINK_PROTOCOLS;
  if (protocol === 'iso') return OSI_NAMES;
  return protocol === undefined || protocol === 'ip' || protocol === 'ip6' ? IP_PROTOCOL_NAMES : new Map();
}
