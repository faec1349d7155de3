/** Entries of the two rings, powers of two. */
export interface RingSizes {
  readonly submissions: number;
  readonly completions: number;
}
