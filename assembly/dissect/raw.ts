import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from '../fields.ts';
import { MALFORMED_IP_VERSION } from '../layout.ts';
import { Descriptor } from '../records.ts';
import { endEarly } from './end.ts';
import { dissectNetwork } from './network.ts';

/** An IP packet without a link header: its first four bits say which IP it is. */
export function dissectRaw(packet: Descriptor): void {
  const length = <i32>packet.length;
  const version = length > 0 ? load<u8>(packet.frame) >> 4 : 0;
  let type = 0;
  if (version == 4) type = ETHER_TYPE_IPV4;
  else if (version == 6) type = ETHER_TYPE_IPV6;
  else return endEarly(packet, MALFORMED_IP_VERSION, 0, length);
  packet.etherType = <u16>type;
  dissectNetwork(packet, 0, type);
}
