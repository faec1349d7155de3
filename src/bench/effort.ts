/** How much time is spent: `'quick'` shows that it runs, `'default'` is for figures, `'full'` for figures one publishes. */
export type Effort = 'quick' | 'default' | 'full';

const ORDER: readonly Effort[] = ['quick', 'default', 'full'];

/** Whether `effort` is at least `least`. */
export function reaches(effort: Effort, least: Effort = 'quick'): boolean {
  return ORDER.indexOf(effort) >= ORDER.indexOf(least);
}
