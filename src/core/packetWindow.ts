import { inspect } from 'node:util';
import * as L from '../../assembly/layout.ts';
import type { Arena } from './arena.ts';
import { Verdict } from './verdict.ts';

/** What a packet view must know of the line and of the filter that uses it. */
export interface PacketScope {
  readonly arena: Arena;
  /** Number of a declared reason as OUTCOME_REASON has it; undefined when it was not declared. */
  reasonNumber(name: string): number | undefined;
  /** Number of a port by name; undefined when the line has no such port. */
  portNumber(name: string): number | undefined;
  portName(number: number): string;
}

/**
 * The window on one packet of the batch: its verdict, its bytes, and where they lie. `Packet` adds the named fields of
 * the headers; only its methods are for filters.
 *
 * @template Reason names of the drop reasons that the filter declared
 */
export class PacketWindow<Reason extends string = string> {
  readonly #scope: PacketScope;
  readonly #arena: Arena;
  readonly #view: DataView;
  /** Address of the descriptor. */
  #d: number = L.DESCRIPTORS_OFFSET;
  /** Address of the outcome. */
  #o: number = L.OUTCOMES_OFFSET;
  /** PACKET_* flags: most filters ask for one first. */
  #flags = 0;

  constructor(scope: PacketScope) {
    this.#scope = scope;
    this.#arena = scope.arena;
    this.#view = scope.arena.view;
  }

  /** Moves the view to packet `index` of the batch, as it was dissected last. For the loop around the filter. */
  at(index: number): void {
    this.#d = L.DESCRIPTORS_OFFSET + index * L.DESCRIPTOR_BYTES;
    this.#o = L.OUTCOMES_OFFSET + index * L.OUTCOME_BYTES;
    this.#flags = this.descriptor32(L.DESCRIPTOR_FLAGS);
  }

  // ── Verdicts: they decide at once, whether or not the filter returns them; the last one counts ─────────────────────

  /** Forward, without asking the filters behind. */
  accept(): Verdict {
    return this.#decide(L.VERDICT_ACCEPT);
  }

  /** Drops the packet. @throws {TypeError} when the reason was not declared */
  drop(reason?: Reason): Verdict {
    let number = 0;
    if (reason !== undefined) {
      const declared = this.#scope.reasonNumber(reason);
      if (declared === undefined) throw new TypeError(`Cannot drop: reason '${reason}' is not declared by the filter`);
      number = declared;
    }
    this.#view.setUint16(this.#o + L.OUTCOME_REASON, number, true);
    return this.#decide(L.VERDICT_DROP);
  }

  /** Sends the packet back out of the port it came in by. */
  reflect(): Verdict {
    return this.#decide(L.VERDICT_REFLECT);
  }

  /**
   * Sends the packet out of another port, by name or by the number of a config value of type `port`. A number that is no
   * port drops it with reason `badPort`. @throws {TypeError} for a name that the line does not have
   */
  redirect(port: string | number): Verdict {
    this.#view.setUint8(this.#o + L.OUTCOME_OUT_PORT, this.#portOf(port));
    return this.#decide(L.VERDICT_REDIRECT);
  }

  /** Also sends a copy, as the packet is when this filter returns, out of a port. The last port named counts. */
  mirror(port: string | number): void {
    this.#view.setUint8(this.#o + L.OUTCOME_MIRROR_PORT, this.#portOf(port));
    this.#flag(L.OUTCOME_FLAG_MIRROR);
  }

  /** Takes what a filter returned. For the loop around the filter. @throws {TypeError} when it is no verdict */
  decide(verdict: unknown): void {
    if (verdict === L.VERDICT_CONTINUE || verdict === L.VERDICT_ACCEPT || verdict === L.VERDICT_REFLECT) {
      this.#decide(verdict);
    } else if (verdict === L.VERDICT_DROP) {
      // A filter before this one may have named a reason and then changed its mind.
      if (this.verdict !== L.VERDICT_DROP) this.drop();
    } else if (verdict !== L.VERDICT_REDIRECT || this.verdict !== L.VERDICT_REDIRECT) {
      throw notAVerdict(verdict);
    }
  }

  /** Records that the filter failed. For the loop around the filter. */
  abort(): void {
    this.#view.setUint8(this.#o + L.OUTCOME_VERDICT, L.VERDICT_ABORT);
  }

  /** What was decided so far. */
  get verdict(): Verdict {
    return this.#view.getUint8(this.#o + L.OUTCOME_VERDICT) as Verdict;
  }

  /** A number for filters behind this one; 0 at the start. */
  get mark(): number {
    return this.#view.getUint32(this.#o + L.OUTCOME_MARK, true);
  }
  set mark(value: number) {
    this.#view.setUint32(this.#o + L.OUTCOME_MARK, value, true);
  }

  // ── The packet as a whole ──────────────────────────────────────────────────────────────────────────────────────────

  /** Bytes of the frame as it is now. */
  get length(): number {
    return this.descriptor32(L.DESCRIPTOR_LENGTH) - this.#startShift();
  }
  /** Bytes of the frame on the wire, as it came in. */
  get wireLength(): number {
    return this.descriptor32(L.DESCRIPTOR_WIRE_LENGTH);
  }
  /** PACKET_* flags: which headers there are. */
  get flags(): number {
    return this.#flags;
  }
  /** Whether the packet carries any of these PACKET_* flags. */
  has(flags: number): boolean {
    return (this.#flags & flags) !== 0;
  }
  /** MALFORMED_*: why dissection stopped early; 0 when it did not. */
  get malformed(): number {
    return this.descriptor8(L.DESCRIPTOR_MALFORMED);
  }
  /** Hash of the flow, the same in both directions. */
  get flowHash(): number {
    return this.descriptor32(L.DESCRIPTOR_FLOW_HASH);
  }
  /** Capture time in nanoseconds since 1970. A BigInt: not for every packet of a fast line. */
  get time(): bigint {
    return this.#view.getBigUint64(this.#d + L.DESCRIPTOR_TIME, true);
  }
  /** Name of the port by which the packet came in. */
  get inPort(): string {
    return this.#scope.portName(this.inPortNumber);
  }
  /** Its number, for comparing with a config value of type `port`. */
  get inPortNumber(): number {
    return this.descriptor16(L.DESCRIPTOR_IN_PORT);
  }
  /** Where the network header begins, in bytes from where the frame began when it was dissected; so are the next two. */
  get l3Offset(): number {
    return this.descriptor16(L.DESCRIPTOR_L3);
  }
  get l4Offset(): number {
    return this.descriptor16(L.DESCRIPTOR_L4);
  }
  get payloadOffset(): number {
    return this.descriptor16(L.DESCRIPTOR_PAYLOAD);
  }
  /** Bytes of payload, Ethernet padding left out. */
  get payloadLength(): number {
    return this.descriptor16(L.DESCRIPTOR_PAYLOAD_LENGTH);
  }

  // ── Raw bytes: offsets from where the frame begins now ─────────────────────────────────────────────────────────────

  u8(offset: number): number {
    return this.#isInside(offset, 1) ? this.#view.getUint8(this.#start() + offset) : this.missing();
  }
  u16(offset: number): number {
    return this.#isInside(offset, 2) ? this.#view.getUint16(this.#start() + offset) : this.missing();
  }
  u32(offset: number): number {
    return this.#isInside(offset, 4) ? this.#view.getUint32(this.#start() + offset) : this.missing();
  }
  /** Writes one byte and keeps checksums right, as setting a field does. */
  setU8(offset: number, value: number): void {
    if (this.#isInside(offset, 1)) this.write8(offset + this.#startShift(), value);
    else this.missing();
  }
  setU16(offset: number, value: number): void {
    if (this.#isInside(offset, 2)) this.write16(offset + this.#startShift(), value);
    else this.missing();
  }
  setU32(offset: number, value: number): void {
    if (this.#isInside(offset, 4)) this.write32(offset + this.#startShift(), value);
    else this.missing();
  }

  /**
   * The frame itself, for reading; an allocation. It lies in the arena: valid only inside the call. Whoever writes into it
   * answers for the checksums and calls `touched()`.
   */
  get bytes(): Uint8Array {
    const start = this.#start();
    return this.#arena.bytes.subarray(start, start + this.length);
  }
  /** The bytes behind the innermost header, as `bytes`. */
  get payload(): Uint8Array {
    return this.frameBytes(this.payloadOffset, this.payloadLength);
  }
  /** Says that `bytes` were changed: the frame is dissected again before the next filter. */
  touched(): void {
    this.#flag(L.OUTCOME_FLAG_MODIFIED);
  }

  /**
   * Makes room for a header at the head; the new bytes are 0.
   *
   * @param bytes 1 to 128 in all; beyond that the packet is dropped with reason `noHeadroom`
   * @returns whether there was room
   */
  push(bytes: number): boolean {
    return this.#arena.core.push(this.#d, this.#o, bytes) !== 0;
  }
  /** Removes bytes from the head. @returns false, and changes nothing, when the frame is not longer than that */
  pop(bytes: number): boolean {
    return this.#arena.core.pop(this.#d, this.#o, bytes) !== 0;
  }

  // ── For the fields on top: offsets from where the frame began when it was dissected ────────────────────────────────

  /** Whether the packet has one of these headers; marks it short when not. */
  protected need(flags: number): boolean {
    if (this.has(flags)) return true;
    this.missing();
    return false;
  }

  /** Marks the packet short. Returns what a missing field reads. */
  protected missing(): 0 {
    this.#flag(L.OUTCOME_FLAG_SHORT);
    return 0;
  }

  /** Reads without marking the packet short. */
  protected unmarked<Result>(read: () => Result): Result {
    const address = this.#o + L.OUTCOME_FLAGS;
    const flags = this.#view.getUint8(address);
    const result = read();
    this.#view.setUint8(address, flags);
    return result;
  }

  protected descriptor8(field: number): number {
    return this.#view.getUint8(this.#d + field);
  }
  protected descriptor16(field: number): number {
    return this.#view.getUint16(this.#d + field, true);
  }
  protected descriptor32(field: number): number {
    return this.#view.getUint32(this.#d + field, true);
  }

  protected frame8(offset: number): number {
    return this.#view.getUint8(this.#frame() + offset);
  }
  protected frame16(offset: number): number {
    return this.#view.getUint16(this.#frame() + offset);
  }
  protected frame32(offset: number): number {
    return this.#view.getUint32(this.#frame() + offset);
  }
  protected frameBytes(offset: number, bytes: number): Uint8Array {
    const start = this.#frame() + offset;
    return this.#arena.bytes.subarray(start, start + bytes);
  }

  protected write8(offset: number, value: number): void {
    this.#view.setUint8(L.SCRATCH_OFFSET, value);
    this.#edit(offset, 1);
  }
  protected write16(offset: number, value: number): void {
    this.#view.setUint16(L.SCRATCH_OFFSET, value);
    this.#edit(offset, 2);
  }
  protected write32(offset: number, value: number): void {
    this.#view.setUint32(L.SCRATCH_OFFSET, value);
    this.#edit(offset, 4);
  }
  protected writeBytes(offset: number, bytes: Uint8Array): void {
    this.#arena.bytes.set(bytes, L.SCRATCH_OFFSET);
    this.#edit(offset, bytes.length);
  }

  // ── Below here: how ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Writes what lies in the scratch room; what `pop` took away cannot be written, so it counts as missing. */
  #edit(offset: number, bytes: number): void {
    if (this.#arena.core.edit(this.#d, this.#o, offset, bytes) === 0) this.missing();
  }

  #decide(verdict: Verdict): Verdict {
    this.#view.setUint8(this.#o + L.OUTCOME_VERDICT, verdict);
    return verdict;
  }

  #portOf(port: string | number): number {
    const number = typeof port === 'string' ? this.#scope.portNumber(port) : port;
    if (number === undefined) throw new TypeError(`Cannot send to port '${port}': the line has no such port`);
    // The field has eight bits: 257 must not become port 1.
    return Number.isInteger(number) && number >= 0 && number < L.NO_PORT ? number : L.NO_PORT;
  }

  #flag(flag: number): void {
    const address = this.#o + L.OUTCOME_FLAGS;
    this.#view.setUint8(address, this.#view.getUint8(address) | flag);
  }

  #startShift(): number {
    return this.#view.getInt16(this.#o + L.OUTCOME_START_SHIFT, true);
  }
  /** Where the dissected frame begins. */
  #frame(): number {
    return this.descriptor32(L.DESCRIPTOR_FRAME);
  }
  /** Where the frame begins now. */
  #start(): number {
    return this.#frame() + this.#startShift();
  }
  #isInside(offset: number, bytes: number): boolean {
    return offset >= 0 && offset + bytes <= this.length;
  }
}

function notAVerdict(value: unknown): TypeError {
  if (value instanceof Promise) {
    value.catch(() => undefined);
    return new TypeError('Cannot take a promise for a verdict: a filter must not be async');
  }
  if (value === Verdict.Redirect) return new TypeError('Cannot redirect without a port: return packet.redirect(port)');
  const text = inspect(value, { depth: 0, breakLength: Infinity });
  return new TypeError(`Cannot take ${text} for a verdict: return one of packet.drop(), accept(), … or nothing`);
}
