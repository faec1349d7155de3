/** What is told of the samples of one row. */
export interface Spread {
  /** The middle one; of an even number the mean of the middle two. */
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** About a quarter of the samples lie below it, and about a quarter above `q3`: between them is the middle half. */
  readonly q1: number;
  readonly q3: number;
}

/** @throws {RangeError} without samples */
export function spreadOf(samples: readonly number[]): Spread {
  return {
    median: quantile(samples, 0.5),
    least: Math.min(...samples),
    most: Math.max(...samples),
    q1: quantile(samples, 0.25),
    q3: quantile(samples, 0.75),
  };
}

/**
 * The value below which a share of the samples lies, between two of them in proportion (Hyndman and Fan 1996, type 7).
 *
 * @param share 0 (the least) to 1 (the most)
 * @throws {RangeError} without samples, or with one that is no number
 */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.some((sample) => !Number.isFinite(sample))) throw new RangeError('A sample is no number');
  const sorted = [...samples].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('There are no samples');
  return below + (above - below) * (place - Math.floor(place));
}

/** Quotients of samples that were taken in the same round; rounds in which one is missing, or the divisor 0, are left out. */
export function pairedRatios(samples: readonly (number | null)[], reference: readonly (number | null)[]): number[] {
  return samples.flatMap((sample, round) => {
    const divisor = reference[round] ?? 0;
    const ratio = sample === null ? Number.NaN : sample / divisor;
    return Number.isFinite(ratio) ? [ratio] : [];
  });
}
