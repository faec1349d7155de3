import { describe, expect, it } from 'vitest';
import * as link from '../../src/capture/linkType.ts';
import { filler, join, u16, u32 } from './support/build.ts';

const IP = filler(40);

function headerBytes(linkType: number, packet: Uint8Array): number {
  // Surrounded by bytes that are not the packet's.
  const memory = join(filler(5), packet, new Uint8Array(32).fill(8));
  return link.linkHeaderBytes(linkType, new DataView(memory.buffer), 5, packet.length);
}

/** Linux "cooked" headers, LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2. */
function sll(protocol: number): Uint8Array {
  return join(u16(0, 'big'), u16(1, 'big'), u16(6, 'big'), filler(8), u16(protocol, 'big'));
}

function sll2(protocol: number): Uint8Array {
  return join(u16(protocol, 'big'), u16(0), u32(3, 'big'), u16(1, 'big'), Uint8Array.of(0, 6), filler(8));
}

describe('linkOf', () => {
  it('knows what a line can carry', () => {
    const known = Array.from({ length: 400 }, (_, linkType) => [linkType, link.linkOf(linkType)] as const);
    expect(known.filter(([, kind]) => kind === 'ethernet').map(([linkType]) => linkType)).toEqual([1]);
    const ip = known.filter(([, kind]) => kind === 'ip').map(([linkType]) => linkType);
    expect(ip).toEqual([0, 12, 14, 101, 108, 113, 228, 229, 276]);
  });
});

describe('linkHeaderBytes', () => {
  const { NO_IP } = link;

  it('finds IP behind Linux cooked headers, and nothing else', () => {
    for (const protocol of [0x0800, 0x86dd]) {
      expect(headerBytes(link.LINKTYPE_LINUX_SLL, join(sll(protocol), IP))).toBe(16);
      expect(headerBytes(link.LINKTYPE_LINUX_SLL2, join(sll2(protocol), IP))).toBe(20);
    }
    for (const protocol of [0x0806, 0x8100, 0x0004, 0x0008]) {
      expect(headerBytes(link.LINKTYPE_LINUX_SLL, join(sll(protocol), IP))).toBe(NO_IP);
      expect(headerBytes(link.LINKTYPE_LINUX_SLL2, join(sll2(protocol), IP))).toBe(NO_IP);
    }
  });

  it('finds IP behind address families of every system', () => {
    for (const family of [2, 10, 23, 24, 28, 30]) {
      for (const order of ['little', 'big'] as const) {
        expect(headerBytes(link.LINKTYPE_NULL, join(u32(family, order), IP))).toBe(4);
      }
      expect(headerBytes(link.LINKTYPE_LOOP, join(u32(family, 'big'), IP))).toBe(4);
      expect(headerBytes(link.LINKTYPE_LOOP, join(u32(family, 'little'), IP))).toBe(NO_IP);
    }
    expect(headerBytes(link.LINKTYPE_NULL, join(u32(7), IP))).toBe(NO_IP);
  });

  it('never reads behind the packet', () => {
    for (let length = 0; length < 16; length++) {
      expect(headerBytes(link.LINKTYPE_LINUX_SLL, sll(0x0800).subarray(0, length))).toBe(NO_IP);
    }
    for (let length = 0; length < 20; length++) {
      expect(headerBytes(link.LINKTYPE_LINUX_SLL2, sll2(0x0800).subarray(0, length))).toBe(NO_IP);
    }
    for (let length = 0; length < 4; length++) {
      expect(headerBytes(link.LINKTYPE_NULL, u32(2).subarray(0, length))).toBe(NO_IP);
      expect(headerBytes(link.LINKTYPE_LOOP, u32(2, 'big').subarray(0, length))).toBe(NO_IP);
    }
  });

  it('leaves raw IP as it is', () => {
    for (const linkType of [12, 14, 101, 228, 229]) expect(headerBytes(linkType, IP)).toBe(0);
  });
});
