/** Numbers that look random and follow from a seed: the same on every machine. */
export interface Random {
  /** An integer of 0 to `limit` − 1. */
  below(limit: number): number;
  /** One of `values`, each as likely as its weight. */
  weighted<Value>(values: readonly (readonly [Value, number])[]): Value;
}

/** @param seed an integer of 0 to 2³² − 1 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  // A Weyl sequence (step: 2³² / golden ratio), stirred by two multiplications by odd constants.
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let bits = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return (bits ^ (bits >>> 15)) >>> 0;
  };
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    weighted(values) {
      const total = values.reduce((sum, [, weight]) => sum + weight, 0);
      let left = (next() / 2 ** 32) * total;
      for (const [value, weight] of values) {
        left -= weight;
        if (left < 0) return value;
      }
      return lastOf(values);
    },
  };
}

/** Rounding may leave a hair of the last weight. */
function lastOf<Value>(values: readonly (readonly [Value, number])[]): Value {
  const possible = values.filter(([, weight]) => weight > 0).at(-1);
  if (possible === undefined) throw new RangeError('There is nothing to choose from: every weight is 0');
  return possible[0];
}
