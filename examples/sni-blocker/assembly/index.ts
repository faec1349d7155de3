import { Packet, Payload, Verdict } from 'tapline/assembly/filter';
import { nameIn } from './clientHello';
import { Reason, config, counters } from './generated';

/** Drops the first flight of TLS connections to names below a zone; the name is not yet encrypted there (RFC 6066 3). */
export function filter(packet: Packet): Verdict {
  if (!packet.isTcp || packet.destinationPort != config.port || packet.payloadLength == 0) return Verdict.Continue;
  const tls = packet.payload;
  const name = nameIn(tls);
  if (name == 0) return Verdict.Continue;
  counters.hellos++;
  const length = tls.u16be(name - 2);
  return isBelowZone(tls, name, length) ? packet.drop(Reason.blockedName) : Verdict.Continue;
}

const DOT = 0x2e;
/** A longer name is none. */
const NAME_LIMIT = 255;

/** Whether the name, or what is left of it when labels are taken from its front, is the zone. */
function isBelowZone(tls: Payload, name: i32, length: i32): bool {
  if (length > NAME_LIMIT || !tls.has(name, length)) return false;
  let isStart = true;
  for (let at = 0; at < length; at++) {
    if (isStart && hashOf(tls, name + at, length - at) == config.zone) return true;
    isStart = tls.u8(name + at) == DOT;
  }
  return false;
}

/** FNV-1a in small letters. */
function hashOf(tls: Payload, from: i32, length: i32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let at = 0; at < length; at++) {
    const byte = tls.u8(from + at);
    hash = (hash ^ (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)) * 0x01000193;
  }
  return hash;
}
