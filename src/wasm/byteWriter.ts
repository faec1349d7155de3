/** Puts a module together from copied ranges and new bytes. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  copy(bytes: ArrayLike<number>): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Bytes as they are: instructions, types. */
  put(...bytes: readonly number[]): this {
    return this.copy(bytes);
  }

  u32(value: number): this {
    let rest = value;
    while (rest > 0x7f) {
      this.put((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    return this.put(rest);
  }

  i32(value: number): this {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.put((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    return this.put(rest & 0x7f);
  }

  name(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.u32(bytes.length).copy(bytes);
  }

  /** A number below 2^27 in four bytes, to be overwritten by `patch`. */
  hole(): number {
    const at = this.#length;
    this.put(0x80, 0x80, 0x80, 0);
    return at;
  }

  patch(at: number, value: number): void {
    for (let i = 0; i < 4; i++) this.#bytes[at + i] = ((value >> (7 * i)) & 0x7f) | (i < 3 ? 0x80 : 0);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
