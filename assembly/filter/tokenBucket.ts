const SECOND: u64 = 1_000_000_000;

/**
 * Lets `rate` through per second on average, and `burst` at once. All zeros are a full bucket. Whole numbers all the way,
 * in billionths of a token, so that a replay decides the same.
 */
@unmanaged
export class TokenBucket {
  /** What is missing in the bucket, in billionths of a token. */
  debt: u64;
  /** Nanoseconds at which that was so. */
  at: u64;

  /**
   * Takes tokens, if they are there.
   *
   * @param now `now()`
   * @param rate tokens per second
   * @param burst tokens that the bucket holds; what costs more than that is never let through
   * @param cost tokens, 1 for packets, their length for bytes
   */
  take(now: u64, rate: u32, burst: u32, cost: u32 = 1): bool {
    this.fill(now, rate);
    const price = <u64>cost * SECOND;
    const depth = <u64>burst * SECOND;
    // No sum of two numbers below 2⁶³ overflows.
    if (this.debt > depth) this.debt = depth;
    if (this.debt + price > depth) return false;
    this.debt += price;
    return true;
  }

  /** Lets time pass. */
  private fill(now: u64, rate: u32): void {
    const elapsed = now > this.at ? now - this.at : 0;
    this.at = max(now, this.at);
    if (this.debt == 0) return;
    // One division instead of a product that may not fit.
    const isFull = rate != 0 && elapsed >= this.debt / rate + 1;
    this.debt = isFull ? 0 : this.debt - min(this.debt, elapsed * rate);
  }
}
