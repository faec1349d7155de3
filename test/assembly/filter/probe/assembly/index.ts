import { Packet, Verdict } from 'tapline/assembly/filter';
import { config, state } from './generated';

// Says of a packet what every accessor reads, or calls one setter: compared with the TypeScript view.

let next = 0;

function say(value: u64): void {
  state.values.set(next++, value);
}

function readAll(packet: Packet): void {
  next = 0;
  const fields = config.value;
  if (fields == 0) {
    say(packet.isEthernet);
    say(packet.isVlan);
    say(packet.isArp);
    say(packet.isIpv4);
    say(packet.isIpv6);
    say(packet.isTcp);
    say(packet.isUdp);
    say(packet.isIcmp);
    say(packet.isIcmpv6);
    say(packet.isSctp);
    say(packet.isFragment);
    say(packet.isTruncated);
    say(packet.isMalformed);
    say(packet.isSuper);
    say(packet.gsoSize);
    say(packet.etherType);
    say(packet.vlanCount);
    say(packet.ipVersion);
    say(packet.length);
    say(packet.wireLength);
    say(packet.flags);
    say(packet.malformed);
    say(packet.flowHash);
    say(packet.inPort);
    say(packet.l3Offset);
    say(packet.l4Offset);
    say(packet.payloadOffset);
    say(packet.payloadLength);
    say(packet.mark);
  }
  if (fields == 1) {
    say(packet.vlanId);
    say(packet.vlanPriority);
  }
  if (fields == 2) say(packet.innerVlanId);
  if (fields == 3) say(packet.arpOperation);
  if (fields == 4) {
    say(packet.ttl);
    say(packet.dscp);
    say(packet.ecn);
    say(packet.protocol);
  }
  if (fields == 5) {
    say(packet.identification);
    say(packet.fragmentOffset);
    say(packet.moreFragments);
    say(packet.sourceIpv4);
    say(packet.destinationIpv4);
  }
  if (fields == 6) {
    say(packet.sourcePort);
    say(packet.destinationPort);
  }
  if (fields == 7) {
    say(packet.tcpFlags);
    say(packet.sequence);
    say(packet.acknowledgement);
    say(packet.window);
  }
  if (fields == 8) {
    say(packet.icmpType);
    say(packet.icmpCode);
  }
  if (fields == 9) {
    say(packet.sourceIn(config.prefix));
    say(packet.destinationIn(config.prefix));
  }
  if (fields == 10) say(packet.u8(config.offset));
  if (fields == 11) say(packet.u16be(config.offset));
  if (fields == 12) say(packet.u32be(config.offset));
  if (fields == 13) say(packet.sourceMac);
  if (fields == 14) say(packet.destinationMac);
  if (fields == 15) {
    say(packet.sourceIpv6High);
    say(packet.sourceIpv6Low);
    say(packet.destinationIpv6High);
    say(packet.destinationIpv6Low);
  }
  if (fields == 16) say(packet.u64be(config.offset));
  if (fields == 17) say(packet.payload.u16be(config.offset));
}

export function filter(packet: Packet): Verdict {
  const value = config.value;
  switch (config.action) {
    case 0:
      readAll(packet);
      break;
    case 1:
      packet.ttl = value;
      break;
    case 2:
      packet.dscp = value;
      break;
    case 3:
      packet.ecn = value;
      break;
    case 4:
      packet.sourceIpv4 = value;
      break;
    case 5:
      packet.destinationIpv4 = value;
      break;
    case 6:
      packet.sourcePort = value;
      break;
    case 7:
      packet.destinationPort = value;
      break;
    case 8:
      packet.tcpFlags = value;
      break;
    case 9:
      packet.sequence = value;
      break;
    case 10:
      packet.acknowledgement = value;
      break;
    case 11:
      packet.window = value;
      break;
    case 12:
      packet.icmpType = value;
      break;
    case 13:
      packet.icmpCode = value;
      break;
    case 14:
      packet.vlanId = value;
      break;
    case 15:
      packet.setU8(config.offset, value);
      break;
    case 16:
      packet.setU16be(config.offset, value);
      break;
    case 17:
      packet.setU32be(config.offset, value);
      break;
    case 18:
      packet.push(config.offset);
      break;
    case 19:
      packet.pop(config.offset);
      break;
    case 20:
      packet.swapMacs();
      break;
    case 21:
      packet.swapAddresses();
      break;
    case 22:
      packet.swapPorts();
      break;
    case 23:
      packet.setU64be(config.offset, ((<u64>value) << 32) | value);
      break;
    case 24:
      packet.mirror(value);
      packet.mark = value;
      return packet.redirect(value);
    case 25:
      return packet.reflect();
    case 26:
      packet.drop(value);
      break;
    case 27:
      return packet.accept();
    case 28:
      return Verdict.Redirect;
  }
  return Verdict.Continue;
}
