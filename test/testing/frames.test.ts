import { describe, expect, it } from 'vitest';
import { DESCRIPTORS_OFFSET } from '../../assembly/layout.ts';
import { type TcpFields, arpFrame, icmpFrame, tcpFrame, udpFrame } from '../../src/testing/index.ts';
import { isSealed } from '../core/support/oracle.ts';
import { viewOf } from '../core/support/view.ts';

const links = ['ethernet', 'ip'] as const;
const addresses = [
  {},
  { sourceAddress: '192.168.7.1', destinationAddress: '203.0.113.9' },
  { sourceAddress: '2001:db8::1' },
  { sourceAddress: '::', destinationAddress: 'ff02::1:ff00:1' },
];
const payloads = ['', 'x', 'odd', 'even', new Uint8Array(1400).fill(0xff)];

describe('udpFrame, tcpFrame and icmpFrame', () => {
  it('have right checksums, whatever they carry', () => {
    for (const build of [udpFrame, tcpFrame, icmpFrame]) {
      for (const link of links) {
        for (const address of addresses) {
          for (const payload of payloads) {
            const frame = build({ link, ...address, payload });
            expect(isSealed(frame, link)).toBe(true);
            const { packet, arena } = viewOf(frame, { link });
            // RFC 4443 promises 4 bytes of header; the other 4 of an echo count as payload.
            const body = packet.isIcmpv6 ? 4 : 0;
            expect([packet.isMalformed, packet.payloadLength]).toEqual([false, body + payload.length]);
            expect(arena.core.verifyTransport(DESCRIPTORS_OFFSET)).toBe(1);
          }
        }
      }
    }
  });

  it('have the fields that they were given', () => {
    const ip = {
      sourceMac: '02:00:00:00:00:aa',
      destinationMac: '02:00:00:00:00:bb',
      vlanId: 7,
      vlanPriority: 5,
      innerVlanId: 9,
    };
    const network = { ttl: 3, dscp: 46, ecn: 1, sourceAddress: '10.9.8.7', destinationAddress: '1.2.3.4' };
    const tcp: TcpFields = {
      ...{ ...ip, ...network, identification: 0xabcd, sourcePort: 1, destinationPort: 65_535 },
      ...{ tcpFlags: 0xc2, sequence: 2 ** 32 - 1, acknowledgement: 2 ** 31, window: 77 },
    };
    expect(viewOf(tcpFrame(tcp)).packet).toMatchObject(tcp);
    const udp = {
      ...ip,
      ...network,
      sourceAddress: 'fd00::9',
      destinationAddress: 'fd00::8',
      sourcePort: 53,
      destinationPort: 5353,
    };
    expect(viewOf(udpFrame(udp)).packet).toMatchObject(udp);
    expect(viewOf(icmpFrame({ icmpType: 3, icmpCode: 4 })).packet).toMatchObject({
      isIcmp: true,
      icmpType: 3,
      icmpCode: 4,
    });
    expect(viewOf(icmpFrame({ sourceAddress: 'fd00::1' })).packet).toMatchObject({ isIcmpv6: true, icmpType: 128 });
  });

  it('write all ones where a UDP checksum comes to 0', () => {
    const checksums = Array.from({ length: 0x1_0000 }, (_, sourcePort) =>
      udpFrame({ sourcePort, link: 'ip' }).slice(26, 28),
    );
    expect(checksums.filter(([high, low]) => high === 0 && low === 0)).toEqual([]);
    expect(checksums.filter(([high, low]) => high === 0xff && low === 0xff)).toHaveLength(1);
  });
});

describe('arpFrame', () => {
  it('asks and answers', () => {
    const request = { sourceMac: '02:00:00:00:00:09', sourceAddress: '10.0.0.9', destinationAddress: '10.0.0.8' };
    expect(viewOf(arpFrame(request)).packet).toMatchObject({ ...request, isArp: true, arpOperation: 1, length: 42 });
    expect([...arpFrame().slice(32, 38)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...arpFrame({ arpOperation: 2 }).slice(32, 38)]).toEqual([2, 0, 0, 0, 0, 2]);
  });
});

describe('frame builders', () => {
  it('refuse mistyped fields', () => {
    expect(() => udpFrame({ destPort: 53 } as object)).toThrow("udpFrame has no field 'destPort'");
    expect(() => tcpFrame({ tcpFlag: 2 } as object)).toThrow("did you mean 'tcpFlags'?");
    expect(() => udpFrame({ tcpFlags: 2 } as object)).toThrow(TypeError);
    expect(() => arpFrame({ link: 'ip' } as object)).toThrow(TypeError);
    expect(() => udpFrame({ toString: 1 } as object)).toThrow(TypeError);
  });

  it('refuse values that are none of their field', () => {
    for (const sourcePort of [-1, 65_536, 1.5, NaN]) expect(() => udpFrame({ sourcePort })).toThrow(RangeError);
    expect(() => udpFrame({ ttl: 256 })).toThrow('ttl must be a whole number from 0 to 255');
    expect(() => udpFrame({ vlanId: 4096 })).toThrow(RangeError);
    expect(() => udpFrame({ sourceAddress: '10.0.0.1', destinationAddress: 'fd00::1' })).toThrow(TypeError);
    expect(() => udpFrame({ sourceMac: 'x' })).toThrow(TypeError);
    expect(() => udpFrame({ payload: [1] } as object)).toThrow(TypeError);
    expect(() => udpFrame({ link: 'tap' } as object)).toThrow('link must be ethernet or ip');
    expect(udpFrame({ ttl: undefined } as object)).toEqual(udpFrame());
  });
});
