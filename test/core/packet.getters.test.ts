import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.ts';
import type { Packet } from '../../src/core/packet.ts';
import { type Layers, layersOf, read16 } from './support/oracle.ts';
import { type Sample, samples } from './support/samples.ts';
import { viewOf } from './support/view.ts';

/** What each getter should say; undefined: the packet does not have the field, so it reads 0 and marks it short. */
type Wanted = Partial<Record<string, number | string | boolean>>;

function read32(frame: Uint8Array, at: number): number {
  return read16(frame, at) * 65_536 + read16(frame, at + 2);
}

function hex(frame: Uint8Array, at: number, bytes: number): string {
  return [...frame.slice(at, at + bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function ipText(frame: Uint8Array, at: number, version: number): string {
  if (version === 4) return frame.slice(at, at + 4).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => read16(frame, at + 2 * i).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** The field of this name. */
function field(packet: Packet, name: string): unknown {
  return (packet as unknown as Record<string, unknown>)[name];
}

function linkFields(frame: Uint8Array, link: string, { tags }: Layers): Wanted {
  if (link === 'ip') return {};
  const tag = (depth: number): number => read16(frame, 14 + 4 * depth);
  return {
    destinationMac: hex(frame, 0, 6),
    sourceMac: hex(frame, 6, 6),
    ...(tags > 0 ? { vlanId: tag(0) & 0xfff, vlanPriority: tag(0) >> 13 } : {}),
    ...(tags > 1 ? { innerVlanId: tag(1) & 0xfff } : {}),
  };
}

function networkFields(frame: Uint8Array, { etherType, l3, version, protocol }: Layers): Wanted {
  if (etherType === 0x0806) {
    return {
      arpOperation: read16(frame, l3 + 6),
      sourceAddress: ipText(frame, l3 + 14, 4),
      destinationAddress: ipText(frame, l3 + 24, 4),
    };
  }
  if (version === 4) {
    return {
      ttl: frame[l3 + 8] ?? -1,
      dscp: (frame[l3 + 1] ?? 0) >> 2,
      ecn: (frame[l3 + 1] ?? 0) & 3,
      identification: read16(frame, l3 + 4),
      fragmentOffset: (read16(frame, l3 + 6) & 0x1fff) * 8,
      moreFragments: (read16(frame, l3 + 6) & 0x2000) !== 0,
      protocol,
      sourceIpv4: read32(frame, l3 + 12),
      destinationIpv4: read32(frame, l3 + 16),
      sourceAddress: ipText(frame, l3 + 12, 4),
      destinationAddress: ipText(frame, l3 + 16, 4),
    };
  }
  if (version === 0) return {};
  return {
    ttl: frame[l3 + 7] ?? -1,
    dscp: (read16(frame, l3) >> 6) & 63,
    ecn: (read16(frame, l3) >> 4) & 3,
    protocol,
    sourceAddress: ipText(frame, l3 + 8, 6),
    destinationAddress: ipText(frame, l3 + 24, 6),
  };
}

function transportFields(frame: Uint8Array, { l4, protocol, version, isLaterFragment }: Layers): Wanted {
  if (isLaterFragment || version === 0) return {};
  const ports = { sourcePort: read16(frame, l4), destinationPort: read16(frame, l4 + 2) };
  if (protocol === 6) {
    return {
      ...ports,
      sequence: read32(frame, l4 + 4),
      acknowledgement: read32(frame, l4 + 8),
      tcpFlags: frame[l4 + 13] ?? -1,
      window: read16(frame, l4 + 14),
    };
  }
  if (protocol === 17 || protocol === 132) return ports;
  return protocol === 1 || protocol === 58 ? { icmpType: frame[l4] ?? -1, icmpCode: frame[l4 + 1] ?? -1 } : {};
}

const getters = [
  ...['destinationMac', 'sourceMac', 'vlanId', 'vlanPriority', 'innerVlanId', 'arpOperation'],
  ...['ttl', 'dscp', 'ecn', 'identification', 'fragmentOffset', 'moreFragments', 'protocol'],
  ...['sourceIpv4', 'destinationIpv4', 'sourceAddress', 'destinationAddress'],
  ...['sourcePort', 'destinationPort', 'tcpFlags', 'sequence', 'acknowledgement', 'window', 'icmpType', 'icmpCode'],
];

const texts = ['destinationMac', 'sourceMac', 'sourceAddress', 'destinationAddress'];

/** What a getter reads when the packet does not have its field. */
function missing(getter: string): unknown {
  if (texts.includes(getter)) return '';
  return getter === 'moreFragments' ? false : 0;
}

/** Bytes of headers behind l4. */
function headerBytes(frame: Uint8Array, { l4, protocol, version, isLaterFragment }: Layers): number {
  if (isLaterFragment || version === 0) return 0;
  if (protocol === 6) return ((frame[l4 + 12] ?? 0) >> 4) * 4;
  return (
    new Map([
      [17, 8],
      [1, 8],
      [58, 4],
      [132, 12],
    ]).get(protocol) ?? 0
  );
}

function describeSample({ name, link, bytes }: Sample): void {
  describe(`Packet of ${name}`, () => {
    const layers = layersOf(bytes, link);
    const wanted: Wanted = {
      ...linkFields(bytes, link, layers),
      ...networkFields(bytes, layers),
      ...transportFields(bytes, layers),
    };

    it('has the fields of its headers, and no others', () => {
      const view = viewOf(bytes, { link });
      for (const getter of getters) {
        const value = field(view.packet, getter);
        const isShort = view.takeShort();
        expect([getter, value, isShort]).toEqual([
          getter,
          wanted[getter] ?? missing(getter),
          wanted[getter] === undefined,
        ]);
      }
      expect(view.isPoisonIntact()).toBe(true);
    });

    it('knows its headers and where they lie', () => {
      const { packet } = viewOf(bytes, { link });
      const { version, protocol, isLaterFragment, l3, tags } = layers;
      const hasTransport = version !== 0 && !isLaterFragment;
      expect(packet.ipVersion).toBe(version);
      expect(packet.isEthernet).toBe(link === 'ethernet');
      expect(packet.isVlan).toBe(tags > 0);
      expect(packet.vlanCount).toBe(tags);
      expect([packet.isIpv4, packet.isIpv6]).toEqual([version === 4, version === 6]);
      expect(packet.isTcp).toBe(hasTransport && protocol === 6);
      expect(packet.isUdp).toBe(hasTransport && protocol === 17);
      expect(packet.isSctp).toBe(hasTransport && protocol === 132);
      expect(packet.isIcmp).toBe(hasTransport && version === 4 && protocol === 1);
      expect(packet.isIcmpv6).toBe(hasTransport && version === 6 && protocol === 58);
      expect(packet.isArp).toBe(layers.etherType === 0x0806);
      expect(packet.isFragment).toBe(name.includes('fragment'));
      expect([packet.isSuper, packet.isMalformed, packet.isTruncated, packet.gsoSize]).toEqual([
        false,
        false,
        false,
        0,
      ]);
      expect(packet.etherType).toBe(layers.etherType <= 1500 ? 0 : layers.etherType);
      expect(packet.l3Offset).toBe(l3);
      if (version !== 0) {
        expect(packet.l4Offset).toBe(layers.l4);
        expect(packet.payloadOffset).toBe(layers.l4 + headerBytes(bytes, layers));
        expect(packet.payloadOffset + packet.payloadLength).toBe(layers.end);
        expect([...packet.payload]).toEqual([...bytes.slice(packet.payloadOffset, layers.end)]);
      }
      expect([packet.length, packet.wireLength]).toEqual([bytes.length, bytes.length]);
      expect([packet.inPort, packet.inPortNumber, packet.mark]).toEqual(['lan', 0, 0]);
    });

    it('is kept by copy(), which marks nothing', () => {
      const view = viewOf(bytes, { link });
      const { packet } = view;
      packet.mark = 0xfedcba98;
      const copied = packet.copy();
      expect(view.takeShort()).toBe(false);
      expect(copied).toMatchObject({ inPort: 'lan', length: bytes.length, mark: 0xfedcba98, flags: packet.flags });
      expect([...copied.bytes]).toEqual([...bytes]);
      for (const field of ['sourceAddress', 'destinationAddress', 'sourcePort', 'protocol', 'etherType'] as const) {
        expect(copied[field]).toEqual(packet[field]);
      }
      packet.bytes.fill(0);
      expect([...copied.bytes]).toEqual([...bytes]);
    });
  });
}

for (const one of samples) describeSample(one);

describe('Packet', () => {
  it('has the same flow hash in both directions, and others for other flows', () => {
    const hashes = samples.map(({ bytes, link }) => {
      const { packet } = viewOf(bytes, { link });
      const there = packet.flowHash;
      const { l3, l4, version, protocol } = layersOf(bytes, link);
      if (version === 0 || ![6, 17, 132].includes(protocol)) return there;
      const back = bytes.slice();
      const [at, size] = version === 4 ? [l3 + 12, 4] : [l3 + 8, 16];
      back.set(bytes.slice(at, at + size), at + size);
      back.set(bytes.slice(at + size, at + 2 * size), at);
      if (!layersOf(bytes, link).isLaterFragment) {
        back.set(bytes.slice(l4, l4 + 2), l4 + 2);
        back.set(bytes.slice(l4 + 2, l4 + 4), l4);
      }
      expect(viewOf(back, { link }).packet.flowHash).toBe(there);
      return there;
    });
    expect(new Set(hashes).size).toBeGreaterThan(10);
  });

  it('says why it is malformed, and has no fields of what is cut', () => {
    const { packet } = viewOf(Uint8Array.from([...new Uint8Array(12), 8, 0, 0x45, 0]));
    expect([packet.isMalformed, packet.malformed, packet.isIpv4]).toEqual([true, L.MALFORMED_IPV4_SHORT, false]);
    expect([packet.ttl, packet.sourceAddress, packet.payloadLength]).toEqual([0, '', 2]);
  });

  it('shows of every prefix of every sample nothing that lies behind its end', () => {
    for (const { bytes, link } of samples) {
      for (let length = link === 'ip' ? 1 : 14; length < bytes.length; length++) {
        const [one, other] = [0xa5, 0x5a].map((poison) => {
          const { packet } = viewOf(bytes.slice(0, length), { link, poison });
          return [...getters.map((getter) => field(packet, getter)), packet.flowHash, ...packet.payload];
        });
        expect(one).toEqual(other);
      }
    }
  });

  it('of a TUN device has the time at which it came in', () => {
    const before = BigInt(Date.now() - 1) * 1_000_000n;
    const { packet } = viewOf(samples.find(({ link }) => link === 'ip')?.bytes ?? new Uint8Array(), { link: 'ip' });
    expect(packet.time >= before && packet.time <= BigInt(Date.now() + 1) * 1_000_000n).toBe(true);
  });
});
