import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.ts';
import {
  type Link,
  checksumOffset,
  foldedSum,
  layersOf,
  pseudoHeader,
  read16,
  sealed,
  write16,
} from './support/oracle.ts';
import { sample } from './support/samples.ts';
import { type View, viewOf } from './support/view.ts';

/** The frame as a kernel that offloads hands it over: the field holds the sum of the pseudo-header. */
function partial(frame: Uint8Array, link: Link): Uint8Array {
  const layers = layersOf(frame, link);
  const copy = frame.slice();
  write16(copy, layers.l4 + (checksumOffset(layers) ?? 0), foldedSum(pseudoHeader(copy, layers)));
  return copy;
}

function virtioHeader(frame: Uint8Array, link: Link, { gsoType = 0, gsoSize = 0 } = {}): Uint8Array {
  const layers = layersOf(frame, link);
  const header = new DataView(new ArrayBuffer(12));
  header.setUint8(0, 1);
  header.setUint8(1, gsoType);
  header.setUint16(4, gsoSize, true);
  header.setUint16(6, layers.l4, true);
  header.setUint16(8, checksumOffset(layers) ?? 0, true);
  return new Uint8Array(header.buffer);
}

function partialView(
  name: string,
  gso?: { gsoType: number; gsoSize: number },
): { view: View; link: Link; whole: Uint8Array } {
  const { bytes, link } = sample(name);
  return { view: viewOf(partial(bytes, link), { link, virtio: virtioHeader(bytes, link, gso) }), link, whole: bytes };
}

const names = [
  'TCP over IPv4',
  'TCP with options over IPv4 with options',
  'UDP over IPv4 in a VLAN',
  'TCP over IPv6',
  'UDP over IPv6 with extension headers',
  'TCP over IPv4 on TUN',
];

function rewrite({ packet }: View): void {
  packet.ttl = 7;
  packet.sourcePort = 0xffff;
  packet.destinationPort = 1;
  if (packet.isIpv4) packet.sourceIpv4 = 0x0a00_0001;
  packet.destinationAddress = packet.isIpv4 ? '198.51.100.7' : 'fd00::abcd:1';
  packet.dscp = 46;
}

describe('Packet with a partial checksum', () => {
  for (const name of names) {
    it(`${name}: setters keep the pseudo-header's sum right, so that the completed checksum is`, () => {
      const { view, link } = partialView(name);
      expect(view.packet.has(L.PACKET_PARTIAL_CHECKSUM)).toBe(true);
      rewrite(view);
      const frame = view.bytes();
      expect([...frame]).toEqual([...partialOfSealed(frame, link)]);
      view.arena.core.complete(L.DESCRIPTORS_OFFSET);
      expect([...view.bytes()]).toEqual([...sealed(frame, link)]);
    });
  }

  it('does not count bytes that are still to be summed', () => {
    const { view, link } = partialView('TCP over IPv4');
    const { l4 } = layersOf(view.bytes(), link);
    const seed = view.packet.u16(l4 + 16);
    view.packet.setU32(l4 + 22, 0xdead_beef);
    expect(view.packet.u16(l4 + 16)).toBe(seed);
  });

  it('stays partial through a push, with its start moved', () => {
    const { view } = partialView('TCP over IPv4');
    const { packet } = view;
    const start = 34;
    packet.push(4);
    for (let at = 0; at < 12; at++) packet.setU8(at, packet.u8(at + 4));
    packet.setU32(12, 0x8100_0007);
    view.settle();
    expect(packet.has(L.PACKET_PARTIAL_CHECKSUM)).toBe(true);
    expect(view.arena.view.getUint16(L.DESCRIPTORS_OFFSET + L.DESCRIPTOR_CSUM_START, true)).toBe(start + 4);
    rewrite(view);
    view.arena.core.complete(L.DESCRIPTORS_OFFSET);
    expect([...view.bytes()]).toEqual([...sealed(view.bytes(), 'ethernet')]);
  });
});

describe('Packet that is a super-packet', () => {
  it('says so, and keeps its partial checksum right', () => {
    const { view, link } = partialView('TCP over IPv4', { gsoType: L.VNET_GSO_TCPV4, gsoSize: 10 });
    expect([view.packet.isSuper, view.packet.gsoSize]).toEqual([true, 10]);
    rewrite(view);
    expect([...view.bytes()]).toEqual([...partialOfSealed(view.bytes(), link)]);
  });

  it('says how many segments there are', () => {
    const { view } = partialView('TCP over IPv4', { gsoType: L.VNET_GSO_TCPV4, gsoSize: 10 });
    const payload = view.packet.payloadLength;
    expect(view.packet.segmentCount).toBe(Math.ceil(payload / 10));
    const exact = partialView('TCP over IPv4', { gsoType: L.VNET_GSO_TCPV4, gsoSize: payload });
    expect(exact.view.packet.segmentCount).toBe(1);
    expect(viewOf(sample('TCP over IPv4').bytes).packet.segmentCount).toBe(1);
  });

  it('has no gsoSize without a type, and is no super-packet without a partial checksum', () => {
    const { bytes, link } = sample('TCP over IPv4');
    const header = virtioHeader(bytes, link, { gsoSize: 10 });
    expect(viewOf(bytes, { virtio: header }).packet.gsoSize).toBe(0);
    const plain = viewOf(bytes, { virtio: new Uint8Array(12) }).packet;
    expect([plain.isSuper, plain.has(L.PACKET_PARTIAL_CHECKSUM)]).toEqual([false, false]);
  });
});

/** What the frame should be: right in the IP header, and with the pseudo-header's sum as transport checksum. */
function partialOfSealed(frame: Uint8Array, link: Link): Uint8Array {
  const layers = layersOf(frame, link);
  const whole = sealed(frame, link);
  const field = layers.l4 + (checksumOffset(layers) ?? 0);
  const seed = foldedSum(pseudoHeader(whole, layers));
  // 0 and all ones are the same number; which of them an edit leaves is all one to who completes the sum.
  const isSame = read16(frame, field) % 0xffff === seed % 0xffff;
  write16(whole, field, isSame ? read16(frame, field) : seed);
  return whole;
}
