/** Where the bytes of a rewritten module came from. */
export class OffsetTable {
  readonly #places: { readonly at: number; readonly origin: number }[] = [];

  /** From `at` of the new module on lies what began at `origin` of the old one. Called in order. */
  add(at: number, origin: number): void {
    this.#places.push({ at, origin });
  }

  /** Adds all places to another table, `by` bytes further. */
  moveTo(by: number, other: OffsetTable): void {
    for (const { at, origin } of this.#places) other.add(at + by, origin);
  }

  /** Offset in the old module of the byte at `at` in the new one; of an inserted byte, where it was inserted. */
  originOf(at: number): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    const place = this.#places[low - 1];
    if (place === undefined) return at;
    const next = this.#places[low];
    const origin = place.origin + at - place.at;
    return next === undefined ? origin : Math.min(origin, next.origin);
  }
}
