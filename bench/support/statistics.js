/** The middle value. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `median [min … max]` as text. */
export function spread(values, digits = 0) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} [${least.toFixed(digits)} … ${most.toFixed(digits)}]`;
}

/** Quotients of values that were measured in the same round. */
export function ratios(numerators, denominators) {
  return numerators.map((value, round) => value / denominators[round]);
}
