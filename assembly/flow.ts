import { PACKET_ETHERNET, PACKET_FRAGMENT, PACKET_IPV4, PACKET_IPV6 } from './layout.ts';
import { Descriptor } from './records.ts';
import { Ethernet } from './wire/ethernet.ts';
import { Ipv4 } from './wire/ipv4.ts';
import { Ipv6 } from './wire/ipv6.ts';

// Odd numbers of 64 bits without structure, for multiplying: 2^64 / golden ratio, and two of xxHash's primes.
const GOLDEN: u64 = 0x9e3779b97f4a7c15;
const PRIME_A: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME_B: u64 = 0x165667b19e3779f9;

/**
 * Hash of the flow that a dissected packet belongs to: addresses, ports and protocol; without IP the MAC addresses and
 * the EtherType. The same in both directions, because the two ends are hashed apart and added. Not keyed: whoever picks
 * the addresses can make packets collide.
 *
 * Fragments, first ones too, are hashed by their addresses only: later ones have no ports, and under IPv6 may not know
 * the protocol either; all fragments of a packet must have the same hash.
 */
export function flowHash(packet: Descriptor): u32 {
  return FlowHash.of(packet, packet.flags);
}

export class FlowHash {
  /** The same of a packet whose flags are not in its descriptor yet, inlined. */
  @inline static of(packet: Descriptor, flags: u32): u32 {
    if (flags & PACKET_IPV4) return FlowHash.hashIpv4(packet, flags);
    if (flags & PACKET_IPV6) return FlowHash.hashIpv6(packet, flags);
    if (flags & PACKET_ETHERNET) return hashEthernet(packet);
    return 0;
  }

  @inline private static hashIpv4(packet: Descriptor, flags: u32): u32 {
    const header = Ipv4.at(packet.byte(packet.l3));
    const source = stir(header.rawSource, sourceSalt(packet, flags));
    return join(packet, flags, source, stir(header.rawDestination, destinationSalt(packet, flags)));
  }

  @inline private static hashIpv6(packet: Descriptor, flags: u32): u32 {
    const header = Ipv6.at(packet.byte(packet.l3));
    const source = stir(header.rawSource0, stir(header.rawSource1, sourceSalt(packet, flags)));
    const destination = stir(header.rawDestination0, stir(header.rawDestination1, destinationSalt(packet, flags)));
    return join(packet, flags, source, destination);
  }
}

function hashEthernet(packet: Descriptor): u32 {
  const header = Ethernet.at(packet.frame);
  return finish(stir(header.source, PRIME_B) + stir(header.destination, PRIME_B), packet.etherType);
}

// Ports are 0 where there are none.
function sourceSalt(packet: Descriptor, flags: u32): u64 {
  return isWhole(flags) ? packet.sourcePort : 0;
}

function destinationSalt(packet: Descriptor, flags: u32): u64 {
  return isWhole(flags) ? packet.destinationPort : 0;
}

function isWhole(flags: u32): bool {
  return (flags & PACKET_FRAGMENT) == 0;
}

/** Adds what both ends have in common. */
function join(packet: Descriptor, flags: u32, source: u64, destination: u64): u32 {
  return finish(source + destination, isWhole(flags) ? packet.protocol : 0);
}

/**
 * One end, so mixed that a sum of two does not tell 10.0.0.1 and .4 from .2 and .3. The first shift brings down what
 * differs at the top, where the last bytes of an address lie, because multiplying spreads upwards only.
 */
function stir(address: u64, salt: u64): u64 {
  let bits = address ^ (salt * PRIME_A + GOLDEN);
  bits = (bits ^ (bits >> 32)) * PRIME_B;
  bits = (bits ^ (bits >> 29)) * GOLDEN;
  return bits ^ (bits >> 32);
}

/** The upper half of a product, where every bit of the sum has had its say. */
function finish(sum: u64, common: u32): u32 {
  return <u32>((((sum ^ (sum >> 29)) + common) * PRIME_A) >> 32);
}
