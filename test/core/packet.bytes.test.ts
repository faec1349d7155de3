import { describe, expect, it } from 'vitest';
import { layersOf, sealed, write16 } from './support/oracle.ts';
import { sample, samples } from './support/samples.ts';
import { viewOf } from './support/view.ts';

const tcp = sample('TCP over IPv4').bytes;

function number(frame: Uint8Array, at: number, bytes: number): number {
  return [...frame.slice(at, at + bytes)].reduce((value, byte) => value * 256 + byte, 0);
}

describe('Packet.u8, u16 and u32', () => {
  it('read in network order at every offset, and 0 outside', () => {
    const view = viewOf(tcp);
    const { packet } = view;
    for (let at = -5; at < tcp.length + 5; at++) {
      for (const [read, bytes] of [
        [packet.u8.bind(packet), 1],
        [packet.u16.bind(packet), 2],
        [packet.u32.bind(packet), 4],
      ] as const) {
        const isInside = at >= 0 && at + bytes <= tcp.length;
        expect(read(at)).toBe(isInside ? number(tcp, at, bytes) : 0);
        expect([at, bytes, view.takeShort()]).toEqual([at, bytes, !isInside]);
      }
    }
  });

  it('read 0 at offsets that are none', () => {
    const { packet } = viewOf(tcp);
    for (const at of [NaN, Infinity, -Infinity, 2 ** 32, 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER]) {
      expect([packet.u8(at), packet.u16(at), packet.u32(at)]).toEqual([0, 0, 0]);
    }
  });

  it('count from where the frame begins now', () => {
    const { packet } = viewOf(tcp);
    packet.pop(14);
    expect([packet.u8(0), packet.length, packet.bytes.length]).toEqual([0x45, tcp.length - 14, tcp.length - 14]);
    expect(packet.u32(tcp.length - 14 - 4)).toBe(number(tcp, tcp.length - 4, 4));
    expect(packet.u8(tcp.length - 14)).toBe(0);
    packet.push(20);
    expect([packet.u32(0), packet.u8(19), packet.u8(20), packet.length]).toEqual([0, 0, 0x45, tcp.length + 6]);
  });
});

describe('Packet.setU8, setU16 and setU32', () => {
  it('write in network order at every offset, and keep checksums that are not written themselves right', () => {
    for (const { bytes, link } of samples) {
      const { l3, l4, version, protocol } = layersOf(bytes, link);
      // Fields that say where the checksums lie, and what they cover, change the question.
      const shape = new Set(
        version === 4
          ? [l3, l3 + 2, l3 + 3, l3 + 6, l3 + 7, l3 + 9]
          : version === 6
            ? [l3, l3 + 4, l3 + 5, l3 + 6]
            : [],
      );
      const checksums = version === 4 ? [l3 + 10, l3 + 11] : [];
      const field = new Map([
        [6, 16],
        [17, 6],
        [1, 2],
        [58, 2],
      ]).get(protocol);
      if (field !== undefined) checksums.push(l4 + field, l4 + field + 1);
      if (protocol === 17) for (const at of [4, 5]) shape.add(l4 + at);
      const view = viewOf(bytes, { link });
      for (let at = link === 'ethernet' ? l3 : 0; at < bytes.length; at++) {
        const isExtension = version === 6 && at >= l3 + 40 && at < l4;
        if (shape.has(at) || checksums.includes(at) || isExtension) continue;
        view.reset();
        view.packet.setU8(at, (bytes[at] ?? 0) ^ 0xff);
        const wanted = bytes.slice();
        wanted[at] = (wanted[at] ?? 0) ^ 0xff;
        expect([at, [...view.bytes()]]).toEqual([at, [...sealed(wanted, link, { keepZero: true })]]);
      }
    }
  });

  it('write nothing outside the frame', () => {
    for (const at of [-1, -4, tcp.length, tcp.length + 7, NaN, 2 ** 32, 2 ** 31]) {
      const view = viewOf(tcp);
      view.packet.setU8(at, 1);
      view.packet.setU16(at, 1);
      view.packet.setU32(at, 1);
      expect([view.takeShort(), view.isModified(), view.isPoisonIntact()]).toEqual([true, false, true]);
      expect([...view.bytes()]).toEqual([...tcp]);
    }
    const view = viewOf(tcp);
    view.packet.setU16(tcp.length - 1, 1);
    view.packet.setU32(tcp.length - 3, 1);
    expect([...view.bytes()]).toEqual([...tcp]);
    expect(view.isPoisonIntact()).toBe(true);
  });

  it('set a checksum to what they are given', () => {
    const { packet } = viewOf(tcp);
    packet.setU16(24, 0x1234);
    packet.setU16(50, 0x5678);
    expect([packet.u16(24), packet.u16(50)]).toEqual([0x1234, 0x5678]);
  });
});

describe('Packet.push and pop', () => {
  it('put a VLAN tag before an IP packet, which then is dissected again', () => {
    const view = viewOf(tcp);
    const { packet } = view;
    expect(packet.push(4)).toBe(true);
    expect(packet.length).toBe(tcp.length + 4);
    for (let at = 0; at < 12; at++) packet.setU8(at, packet.u8(at + 4));
    packet.setU32(12, 0x8100_2064);
    const wanted = [...tcp.slice(0, 12), 0x81, 0, 0x20, 0x64, ...tcp.slice(12)];
    expect([...view.bytes()]).toEqual(wanted);
    expect(packet.ttl).toBe(tcp[22]);
    expect(packet.vlanCount).toBe(0);
    expect(view.settle()).toBe(1);
    expect([packet.vlanId, packet.vlanPriority, packet.l3Offset, packet.wireLength]).toEqual([
      100,
      1,
      18,
      tcp.length + 4,
    ]);
    expect([...view.bytes()]).toEqual([...sealed(Uint8Array.from(wanted), 'ethernet')]);
  });

  it('take a VLAN tag away', () => {
    const { bytes } = sample('UDP over IPv4 in a VLAN');
    const view = viewOf(bytes);
    const { packet } = view;
    for (let at = 11; at >= 0; at--) packet.setU8(at + 4, packet.u8(at));
    expect(packet.pop(4)).toBe(true);
    view.settle();
    expect([...view.bytes()]).toEqual([...bytes.slice(0, 12), ...bytes.slice(16)]);
    expect([packet.vlanCount, packet.isVlan, packet.isUdp, packet.destinationPort]).toEqual([0, false, true, 53]);
    packet.destinationPort = 5353;
    expect([...view.bytes()]).toEqual([...sealed(view.bytes(), 'ethernet')]);
  });

  it('keep fields readable in the same call; one that was popped cannot be set', () => {
    const view = viewOf(tcp);
    view.packet.pop(14);
    expect([view.packet.ttl, view.packet.destinationPort]).toEqual([tcp[22], 80]);
    view.packet.ttl = 9;
    expect(view.takeShort()).toBe(false);
    view.packet.sourceMac = '02:00:00:00:00:09';
    expect(view.takeShort()).toBe(true);
    const wanted = tcp.slice(14);
    wanted[8] = 9;
    expect([...view.bytes()]).toEqual([...sealed(wanted, 'ip')]);
  });

  it('drop the packet when there is no headroom', () => {
    const view = viewOf(tcp);
    const { packet } = view;
    expect([packet.push(100), packet.push(28), packet.verdict]).toEqual([true, true, 0]);
    // Two bytes of alignment, no more.
    expect(packet.push(3)).toBe(false);
    expect([packet.verdict, packet.length]).toEqual([2, tcp.length + 128]);
    expect(view.settle()).toBe(0);
  });

  it('refuse sizes that are none', () => {
    for (const bytes of [-1, -4, 2 ** 31, -(2 ** 31), 40_000]) {
      const view = viewOf(tcp);
      expect([view.packet.push(bytes), view.packet.verdict]).toEqual([false, 2]);
      expect([...view.bytes()]).toEqual([...tcp]);
    }
    for (const bytes of [-1, tcp.length, tcp.length + 1, 2 ** 31, 70_000]) {
      const view = viewOf(tcp);
      expect([view.packet.pop(bytes), view.packet.verdict, view.isModified()]).toEqual([false, 0, false]);
    }
    const view = viewOf(tcp);
    expect([view.packet.pop(tcp.length - 1), view.packet.pop(1), view.packet.length]).toEqual([true, false, 1]);
  });

  it('drop what is too short for its link afterwards', () => {
    const view = viewOf(tcp);
    view.packet.pop(tcp.length - 13);
    expect(view.settle()).toBe(0);
  });
});

describe('Packet.bytes and touched', () => {
  it('let a filter rewrite the frame, which then is dissected again', () => {
    const view = viewOf(tcp);
    const frame = view.packet.bytes;
    write16(frame, 36, 8443);
    frame.set(sealed(frame.slice(), 'ethernet'));
    view.packet.touched();
    expect(view.isModified()).toBe(true);
    view.settle();
    expect(view.packet.destinationPort).toBe(8443);
    expect(view.packet.copy().destinationPort).toBe(8443);
  });
});
