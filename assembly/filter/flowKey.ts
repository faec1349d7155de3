import { IPV4_ADDRESS_BYTES, IPV6_ADDRESS_BYTES } from '../fields.ts';
import { PACKET_FRAGMENT, PACKET_IP, PACKET_PORTS } from '../layout.ts';
import { Packet } from './packet.ts';
import { ADDRESS_KEY_BYTES, PAIR_KEY_BYTES } from './tableLayout.ts';

// Keys of flow tables. What does not belong to a key is 0, so that equal keys are equal bytes.
//
//   flow, pair           source, destination
//   0  address  16 B     0  address  16 B    IPv4 in the first 4
//  16  address  16 B    16  version   8 B
//  32  port      2 B
//  34  port      2 B
//  36  protocol  1 B
//  37  version   3 B
//
// The two ends of a flow stand in the order of their bytes, so that both directions have one key.

export const KEY_FLOW = 0;
export const KEY_PAIR = 1;
export const KEY_SOURCE = 2;
export const KEY_DESTINATION = 3;

/** Bytes of a key. */
export function keyBytesOf(kind: i32): u32 {
  return kind == KEY_FLOW || kind == KEY_PAIR ? PAIR_KEY_BYTES : ADDRESS_KEY_BYTES;
}

/** Writes a packet's key. Returns false when it has none: it is no IP, or its addresses lie behind the window. */
export function writeKey(kind: i32, packet: Packet, key: usize): bool {
  if (!packet.need(PACKET_IP)) return false;
  const bytes = packet.isIpv4 ? IPV4_ADDRESS_BYTES : IPV6_ADDRESS_BYTES;
  const source = packet.field(packet.sourceAddressField, bytes);
  const destination = packet.field(packet.destinationAddressField, bytes);
  if (source == 0 || destination == 0) return false;
  memory.fill(key, 0, keyBytesOf(kind));
  if (kind == KEY_FLOW || kind == KEY_PAIR) return writePair(kind, packet, key, source, destination, bytes);
  memory.copy(key, kind == KEY_SOURCE ? source : destination, bytes);
  store<u8>(key, <u8>packet.ipVersion, 16);
  return true;
}

function writePair(kind: i32, packet: Packet, key: usize, source: usize, destination: usize, bytes: i32): bool {
  // Fragments are one flow, whether or not their ports can be seen.
  const hasPorts = kind == KEY_FLOW && packet.has(PACKET_PORTS) && !packet.has(PACKET_FRAGMENT);
  const sourcePort = hasPorts ? packet.sourcePort : 0;
  const destinationPort = hasPorts ? packet.destinationPort : 0;
  const order = memory.compare(source, destination, bytes);
  const isTurned = order > 0 || (order == 0 && sourcePort > destinationPort);
  memory.copy(key, isTurned ? destination : source, bytes);
  memory.copy(key + 16, isTurned ? source : destination, bytes);
  store<u16>(key, <u16>(isTurned ? destinationPort : sourcePort), 32);
  store<u16>(key, <u16>(isTurned ? sourcePort : destinationPort), 34);
  if (kind == KEY_FLOW) store<u8>(key, <u8>packet.protocol, 36);
  store<u8>(key, <u8>packet.ipVersion, 37);
  return true;
}
