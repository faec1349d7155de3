interface Free {
  address: number;
  bytes: number;
}

/** Granularity, and what blocks are aligned to. */
const LINE_BYTES = 64;

/** A range of addresses, given out first-fit. It never grows. */
export class Region {
  readonly bytes: number;
  /** Gaps in order of their addresses; no two touch. */
  #gaps: Free[];
  readonly #taken = new Map<number, number>();

  constructor(address: number, bytes: number) {
    this.bytes = bytes;
    this.#gaps = [{ address, bytes }];
  }

  /** Address of `bytes` bytes, aligned to 64; −1 where there is no room. */
  take(bytes: number): number {
    const rounded = Math.max(1, Math.ceil(bytes / LINE_BYTES)) * LINE_BYTES;
    const gap = this.#gaps.find((one) => one.bytes >= rounded);
    if (gap === undefined) return -1;
    const { address } = gap;
    gap.address += rounded;
    gap.bytes -= rounded;
    this.#gaps = this.#gaps.filter((one) => one.bytes > 0);
    this.#taken.set(address, rounded);
    return address;
  }

  /** Gives back what `take` gave. */
  release(address: number): void {
    const bytes = this.#taken.get(address);
    if (bytes === undefined) throw new RangeError(`There is no block at ${address}`);
    this.#taken.delete(address);
    const sorted = [...this.#gaps, { address, bytes }].sort((a, b) => a.address - b.address);
    this.#gaps = sorted.reduce<Free[]>(joined, []);
  }
}

function joined(gaps: Free[], gap: Free): Free[] {
  const last = gaps.at(-1);
  if (last === undefined || last.address + last.bytes < gap.address) gaps.push(gap);
  else last.bytes += gap.bytes;
  return gaps;
}
