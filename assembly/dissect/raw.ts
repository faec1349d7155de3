import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from '../fields.ts';
import { MALFORMED_IP_VERSION } from '../layout.ts';
import { Descriptor } from '../records.ts';
import { endEarly } from './end.ts';

export class RawLayer {
  /** An IP packet without a link header: its first four bits say which IP it is. Returns its EtherType; 0: none. */
  @inline static dissect(packet: Descriptor): i32 {
    const length = <i32>packet.length;
    const version = length > 0 ? load<u8>(packet.frame) >> 4 : 0;
    let type = 0;
    if (version == 4) type = ETHER_TYPE_IPV4;
    else if (version == 6) type = ETHER_TYPE_IPV6;
    packet.flags = type == 0 ? endEarly(packet, 0, MALFORMED_IP_VERSION, 0, length) : 0;
    packet.etherType = <u16>type;
    return type;
  }
}
