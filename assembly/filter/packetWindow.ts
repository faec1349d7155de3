import {
  DESCRIPTOR_FLAGS,
  DESCRIPTOR_FLOW_HASH,
  DESCRIPTOR_FRAME,
  DESCRIPTOR_IN_PORT,
  DESCRIPTOR_L3,
  DESCRIPTOR_L4,
  DESCRIPTOR_LENGTH,
  DESCRIPTOR_MALFORMED,
  DESCRIPTOR_PAYLOAD,
  DESCRIPTOR_PAYLOAD_LENGTH,
  DESCRIPTOR_TIME,
  DESCRIPTOR_WIRE_LENGTH,
  OUTCOME_FLAGS,
  OUTCOME_FLAG_MIRROR,
  OUTCOME_FLAG_MODIFIED,
  OUTCOME_FLAG_OUTSIDE,
  OUTCOME_FLAG_SHORT,
  OUTCOME_MARK,
  OUTCOME_MIRROR_PORT,
  OUTCOME_OUT_PORT,
  OUTCOME_REASON,
  OUTCOME_START_SHIFT,
  OUTCOME_VERDICT,
  REASON_BUILT_IN,
  REASON_NO_HEADROOM,
} from '../layout.ts';
import { headroom, outcomeOfPacket, window } from './batch.ts';
import { Verdict } from './verdict.ts';
import { write } from './write.ts';

/**
 * The window on one packet of the batch: its verdict, its bytes, and where they lie. `Packet` adds the named fields of
 * the headers. An overlay of the descriptor: nothing is allocated. Only valid inside the call that hands it out.
 *
 * What the packet does not have reads 0 and marks it short; what lies behind the filter's window reads 0 and marks it
 * outside.
 */
@unmanaged
export class PacketWindow {
  // ── Verdicts: they decide at once, whether or not the filter returns them; the last one counts ─────────────────────

  /** Forward, without asking the filters behind. */
  accept(): Verdict {
    return this.say(Verdict.Accept);
  }

  /** Drops the packet, for one of the reasons that filter.json declares: `packet.drop(Reason.telnet)`. */
  drop(reason: i32 = 0): Verdict {
    store<u16>(outcomeOfPacket(), <u16>reason, OUTCOME_REASON);
    return this.say(Verdict.Drop);
  }

  /** Sends the packet back out of the port it came in by. */
  reflect(): Verdict {
    return this.say(Verdict.Reflect);
  }

  /** Sends the packet out of another port: the value of a config field of type `port`. */
  redirect(port: i32): Verdict {
    store<u8>(outcomeOfPacket(), <u8>port, OUTCOME_OUT_PORT);
    return this.say(Verdict.Redirect);
  }

  /** Also sends a copy, as the packet is when this filter returns, out of a port. The last port named counts. */
  mirror(port: i32): void {
    store<u8>(outcomeOfPacket(), <u8>port, OUTCOME_MIRROR_PORT);
    this.flag(OUTCOME_FLAG_MIRROR);
  }

  /** A number for filters behind this one; 0 at the start. */
  get mark(): u32 {
    return load<u32>(outcomeOfPacket(), OUTCOME_MARK);
  }
  set mark(value: u32) {
    store<u32>(outcomeOfPacket(), value, OUTCOME_MARK);
  }

  // ── The packet as a whole ──────────────────────────────────────────────────────────────────────────────────────────

  /** Bytes of the frame as it is now, the part behind the window included. */
  get length(): i32 {
    return load<i32>(changetype<usize>(this), DESCRIPTOR_LENGTH) - this.startShift;
  }
  /** Bytes of the frame on the wire, as it came in. */
  get wireLength(): i32 {
    return load<i32>(changetype<usize>(this), DESCRIPTOR_WIRE_LENGTH);
  }
  /** PACKET_* flags: which headers there are. */
  get flags(): u32 {
    return load<u32>(changetype<usize>(this), DESCRIPTOR_FLAGS);
  }
  /** Whether the packet carries any of these PACKET_* flags. */
  has(flags: u32): bool {
    return (this.flags & flags) != 0;
  }
  /** MALFORMED_*: why dissection stopped early; 0 when it did not. */
  get malformed(): i32 {
    return load<u8>(changetype<usize>(this), DESCRIPTOR_MALFORMED);
  }
  /** Hash of the flow, the same in both directions. */
  get flowHash(): u32 {
    return load<u32>(changetype<usize>(this), DESCRIPTOR_FLOW_HASH);
  }
  /** Capture time in nanoseconds since 1970. */
  get time(): u64 {
    return load<u64>(changetype<usize>(this), DESCRIPTOR_TIME);
  }
  /** Number of the port by which the packet came in, for comparing with a config value of type `port`. */
  get inPort(): i32 {
    return load<u16>(changetype<usize>(this), DESCRIPTOR_IN_PORT);
  }
  /** Where the network header begins, in bytes from where the frame began when it was dissected; so are the next two. */
  get l3Offset(): i32 {
    return load<u16>(changetype<usize>(this), DESCRIPTOR_L3);
  }
  get l4Offset(): i32 {
    return load<u16>(changetype<usize>(this), DESCRIPTOR_L4);
  }
  get payloadOffset(): i32 {
    return load<u16>(changetype<usize>(this), DESCRIPTOR_PAYLOAD);
  }
  /** Bytes of payload, Ethernet padding left out. */
  get payloadLength(): i32 {
    return load<u16>(changetype<usize>(this), DESCRIPTOR_PAYLOAD_LENGTH);
  }

  // ── Raw bytes: offsets from where the frame begins now, numbers in network order ───────────────────────────────────

  u8(offset: i32): i32 {
    return this.isReadable(offset, 1) ? <i32>load<u8>(this.start + offset) : 0;
  }
  u16be(offset: i32): i32 {
    return this.isReadable(offset, 2) ? <i32>bswap<u16>(load<u16>(this.start + offset)) : 0;
  }
  u32be(offset: i32): u32 {
    return this.isReadable(offset, 4) ? bswap<u32>(load<u32>(this.start + offset)) : 0;
  }
  u64be(offset: i32): u64 {
    return this.isReadable(offset, 8) ? bswap<u64>(load<u64>(this.start + offset)) : 0;
  }
  /** Writes one byte and keeps checksums right, as setting a field does; so do the next three. */
  setU8(offset: i32, value: i32): void {
    this.put(offset + this.startShift, 1, value);
  }
  setU16be(offset: i32, value: i32): void {
    this.put(offset + this.startShift, 2, bswap<u16>(<u16>value));
  }
  setU32be(offset: i32, value: u32): void {
    this.put(offset + this.startShift, 4, bswap<u32>(value));
  }
  setU64be(offset: i32, value: u64): void {
    this.put(offset + this.startShift, 8, bswap<u64>(value));
  }

  /**
   * Address of `bytes` bytes at `offset` from where the frame begins now; 0 when they are not all there. For the library,
   * and for those who load by themselves.
   */
  address(offset: i32, bytes: i32): usize {
    return this.isReadable(offset, bytes) ? this.start + offset : 0;
  }

  /** Makes room for a header at the head; the new bytes are 0. Returns false, and drops the packet, when there is none. */
  push(bytes: i32): bool {
    const shift = this.startShift - bytes;
    if (bytes < 0 || shift < -headroom()) {
      this.drop(REASON_BUILT_IN | REASON_NO_HEADROOM);
      return false;
    }
    memory.fill(this.frame + shift, 0, bytes);
    this.moveStart(shift);
    return true;
  }
  /** Removes bytes from the head. Returns false, and changes nothing, when the frame is not longer than that. */
  pop(bytes: i32): bool {
    const shift = this.startShift + bytes;
    if (bytes < 0 || bytes >= this.length || shift > i16.MAX_VALUE) return false;
    this.moveStart(shift);
    return true;
  }

  // ── For the fields on top and for the library: offsets from where the frame began when it was dissected ─────────────

  /** Whether the packet has one of these headers; marks it short when not. */
  need(flags: u32): bool {
    if (this.has(flags)) return true;
    this.flag(OUTCOME_FLAG_SHORT);
    return false;
  }

  /** Marks the packet short. Returns what a missing field reads. */
  missing(): i32 {
    this.flag(OUTCOME_FLAG_SHORT);
    return 0;
  }

  /** Address of a field that dissection found, if it lies in the window; marks the packet outside and gives 0 when not. */
  field(offset: i32, bytes: i32): usize {
    if (offset + bytes <= window()) return this.frame + offset;
    this.flag(OUTCOME_FLAG_OUTSIDE);
    return 0;
  }

  frame8(offset: i32): i32 {
    const address = this.field(offset, 1);
    return address ? <i32>load<u8>(address) : 0;
  }
  frame16(offset: i32): i32 {
    const address = this.field(offset, 2);
    return address ? <i32>bswap<u16>(load<u16>(address)) : 0;
  }
  frame32(offset: i32): u32 {
    const address = this.field(offset, 4);
    return address ? bswap<u32>(load<u32>(address)) : 0;
  }

  /** Writes up to 8 bytes of `value`, the first in its lowest bits. */
  put(offset: i32, bytes: i32, value: u64): void {
    this.flag(write(changetype<usize>(this), this.startShift, offset, bytes, value, window()));
  }

  // ── Below here: how ────────────────────────────────────────────────────────────────────────────────────────────────

  private get frame(): usize {
    return load<u32>(changetype<usize>(this), DESCRIPTOR_FRAME);
  }

  /** Address of the frame's first byte as it is now. */
  private get start(): usize {
    return this.frame + this.startShift;
  }

  private get startShift(): i32 {
    return load<i16>(outcomeOfPacket(), OUTCOME_START_SHIFT);
  }

  private moveStart(shift: i32): void {
    store<i16>(outcomeOfPacket(), <i16>shift, OUTCOME_START_SHIFT);
    this.flag(OUTCOME_FLAG_MODIFIED);
  }

  /** 64-bit sums: an offset is whatever the filter computed from the packet. */
  private isReadable(offset: i32, bytes: i32): bool {
    const end = <i64>offset + bytes;
    if (offset < 0 || bytes < 0 || end > <i64>this.length) this.flag(OUTCOME_FLAG_SHORT);
    else if (end + this.startShift > <i64>window()) this.flag(OUTCOME_FLAG_OUTSIDE);
    else return true;
    return false;
  }

  private flag(flag: i32): void {
    store<u8>(outcomeOfPacket(), <u8>(load<u8>(outcomeOfPacket(), OUTCOME_FLAGS) | flag), OUTCOME_FLAGS);
  }

  private say(verdict: Verdict): Verdict {
    store<u8>(outcomeOfPacket(), <u8>verdict, OUTCOME_VERDICT);
    return verdict;
  }
}
