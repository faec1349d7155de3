import { Packet, Payload, Verdict } from 'tapline/assembly/filter';
import { Reason, config, counters } from './generated';

// DNS, RFC 1035 4.1: header of 12 bytes, then the question: labels, each behind its length, up to one of length 0.

const DNS_PORT = 53;
const HEADER_BYTES = 12;
/** Flags: response, opcode, recursion desired, recursion available, code "no such name". */
const RESPONSE = 0x8000;
const OPCODE_MASK = 0x7800;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;
const NO_SUCH_NAME = 3;
const LABEL_LIMIT = 63;
/** Labels of a name that are looked at: enough for any name that people type. */
const LABELS = 8;

/** Answers questions for names below the configured zones by "no such name", from here, and lets all others pass. */
export function filter(packet: Packet): Verdict {
  if (!packet.isUdp || packet.destinationPort != DNS_PORT) return Verdict.Continue;
  const dns = packet.payload;
  if (!dns.has(0, HEADER_BYTES)) return packet.drop(Reason.malformedDns);
  const flags = dns.u16be(2);
  const isQuestion = (flags & (RESPONSE | OPCODE_MASK)) == 0 && dns.u16be(4) == 1;
  if (!isQuestion) return Verdict.Continue;
  counters.questions++;
  if (!isBelowZone(dns)) return Verdict.Continue;
  counters.sunk++;
  dns.setU16be(2, RESPONSE | (flags & RECURSION_DESIRED) | RECURSION_AVAILABLE | NO_SUCH_NAME);
  if (packet.isEthernet) packet.swapMacs();
  packet.swapAddresses();
  packet.swapPorts();
  return packet.reflect();
}

/** Whether the name, or what is left of it when labels are taken from its front, is one of the zones. */
function isBelowZone(dns: Payload): bool {
  let at = HEADER_BYTES;
  for (let label = 0; label < LABELS; label++) {
    const length = dns.u8(at);
    if (length == 0 || length > LABEL_LIMIT) return false;
    if (isZone(hashFrom(dns, at))) return true;
    at += 1 + length;
  }
  return false;
}

function isZone(hash: u32): bool {
  if (hash == 0) return false;
  return hash == config.zone1 || hash == config.zone2 || hash == config.zone3 || hash == config.zone4;
}

/** FNV-1a of the labels from `at` on, in small letters, a dot between two; 0 when the name has no end. */
function hashFrom(dns: Payload, at: i32): u32 {
  let hash: u32 = 0x811c9dc5;
  let isFirst = true;
  while (true) {
    const length = dns.u8(at);
    if (length == 0) return dns.has(at, 1) ? hash : 0;
    if (length > LABEL_LIMIT || !dns.has(at, length + 1)) return 0;
    if (!isFirst) hash = step(hash, 0x2e);
    for (let end = at + length; at < end;) hash = step(hash, lowerCase(dns.u8(++at)));
    at++;
    isFirst = false;
  }
}

function step(hash: u32, byte: u32): u32 {
  return (hash ^ byte) * 0x01000193;
}

function lowerCase(byte: i32): i32 {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
