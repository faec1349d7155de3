import type * as FastCheck from 'fast-check';
import { arpFrame, icmpFrame, tcpFrame, udpFrame } from './frames.ts';

/**
 * Frames of all kinds for property tests: TCP, UDP, ICMP and ARP over IPv4 and IPv6, with and without VLAN tags, whole,
 * cut short, with damaged bytes, and plain noise.
 *
 * @param fc fast-check, which this package does not bring: `import * as fc from 'fast-check'`
 * @param link `'ip'` for TUN. Default `'ethernet'`
 */
export function frames(fc: typeof FastCheck, link: 'ethernet' | 'ip' = 'ethernet'): FastCheck.Arbitrary<Uint8Array> {
  const whole = wholeFrames(fc, link);
  const cut = fc
    .tuple(whole, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([frame, part]) => frame.slice(0, atLeast(link, frame.length * part)));
  const damaged = fc
    .tuple(whole, fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { minLength: 1, maxLength: 6 }))
    .map(([frame, bytes]) => withBytes(frame, bytes));
  const noise = fc.uint8Array({ minLength: link === 'ip' ? 1 : 14, maxLength: 200 });
  return fc.oneof(
    { weight: 4, arbitrary: whole },
    { weight: 2, arbitrary: cut },
    { weight: 2, arbitrary: damaged },
    noise,
  );
}

/** The shortest frame that a link has. */
function atLeast(link: 'ethernet' | 'ip', length: number): number {
  return Math.max(link === 'ip' ? 1 : 14, Math.floor(length));
}

function withBytes(frame: Uint8Array, bytes: readonly (readonly [number, number])[]): Uint8Array {
  const damaged = Uint8Array.from(frame);
  for (const [place, byte] of bytes) damaged[place % damaged.length] = byte;
  return damaged;
}

function wholeFrames(fc: typeof FastCheck, link: 'ethernet' | 'ip'): FastCheck.Arbitrary<Uint8Array> {
  const port = fc.oneof(fc.constantFrom(22, 23, 53, 80, 443), fc.nat(0xffff));
  const address = fc.oneof(
    fc.nat(3).map((last) => [`10.0.0.${last}`, `10.0.1.${last}`] as const),
    fc.nat(3).map((last) => [`fd00::${last}`, `fd00::1:${last}`] as const),
  );
  const tag = link === 'ip' ? fc.constant({}) : fc.oneof(fc.constant({}), fc.record({ vlanId: fc.nat(0xfff) }));
  const common = fc
    .tuple(address, tag, fc.record({ ttl: fc.nat(255), dscp: fc.nat(63), payload: fc.uint8Array({ maxLength: 120 }) }))
    .map(([[sourceAddress, destinationAddress], tags, fields]) => ({
      link,
      sourceAddress,
      destinationAddress,
      ...tags,
      ...fields,
    }));
  const ports = fc.record({ sourcePort: port, destinationPort: port });
  const tcp = fc
    .tuple(common, ports, fc.record({ tcpFlags: fc.nat(255), sequence: fc.nat(0xffffffff) }))
    .map(([fields, both, more]) => tcpFrame({ ...fields, ...both, ...more }));
  const udp = fc.tuple(common, ports).map(([fields, both]) => udpFrame({ ...fields, ...both }));
  const icmp = fc.tuple(common, fc.nat(255)).map(([fields, icmpType]) => icmpFrame({ ...fields, icmpType }));
  if (link === 'ip') return fc.oneof(tcp, udp, icmp);
  return fc.oneof(
    tcp,
    udp,
    icmp,
    fc.constantFrom(1, 2).map((arpOperation) => arpFrame({ arpOperation })),
  );
}
