import { PacketWindow } from './packetWindow.ts';

/**
 * The bytes behind the innermost header that was dissected, for parsers of what lies there: DNS, TLS. Offsets count from
 * its first byte; Ethernet padding behind it is not part of it. An overlay: `packet.payload` allocates nothing.
 */
@unmanaged
export class Payload {
  /** Bytes. */
  get length(): i32 {
    return this.packet.payloadLength;
  }

  u8(offset: i32): i32 {
    const address = this.address(offset, 1);
    return address ? <i32>load<u8>(address) : 0;
  }
  u16be(offset: i32): i32 {
    const address = this.address(offset, 2);
    return address ? <i32>bswap<u16>(load<u16>(address)) : 0;
  }
  u32be(offset: i32): u32 {
    const address = this.address(offset, 4);
    return address ? bswap<u32>(load<u32>(address)) : 0;
  }
  u64be(offset: i32): u64 {
    const address = this.address(offset, 8);
    return address ? bswap<u64>(load<u64>(address)) : 0;
  }
  /** Writes one byte and keeps checksums right, as setting a field does; so do the next two. */
  setU8(offset: i32, value: i32): void {
    this.put(offset, 1, value);
  }
  setU16be(offset: i32, value: i32): void {
    this.put(offset, 2, bswap<u16>(<u16>value));
  }
  setU32be(offset: i32, value: u32): void {
    this.put(offset, 4, bswap<u32>(value));
  }

  /** Whether `bytes` bytes at `offset` are there; marks the packet short or outside when not. */
  has(offset: i32, bytes: i32): bool {
    return this.address(offset, bytes) != 0;
  }

  /** Address of `bytes` bytes at `offset`; 0 when they are not all there. */
  address(offset: i32, bytes: i32): usize {
    if (offset < 0 || bytes < 0 || <i64>offset + bytes > <i64>this.length) {
      this.packet.missing();
      return 0;
    }
    return this.packet.field(this.packet.payloadOffset + offset, bytes);
  }

  private put(offset: i32, bytes: i32, value: u64): void {
    if (this.address(offset, bytes)) this.packet.put(this.packet.payloadOffset + offset, bytes, value);
  }

  private get packet(): PacketWindow {
    return changetype<PacketWindow>(this);
  }
}
