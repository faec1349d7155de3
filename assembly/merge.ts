import { ACTIVE_OFFSET, SKIPPED_OFFSET, INDEX_BYTES } from './layout.ts';

/**
 * Puts the `aside` packets that a guard set aside back among the `active` ones, all in the order of the batch. Returns how
 * many are active then. From the end, so that nothing is overwritten before it was moved.
 */
export function merge(active: i32, aside: i32): i32 {
  const total = active + aside;
  let last = active - 1;
  let other = aside - 1;
  for (let place = total - 1; other >= 0; place--) {
    const index = load<u16>(SKIPPED_OFFSET + other * INDEX_BYTES);
    const own = last < 0 ? -1 : <i32>load<u16>(ACTIVE_OFFSET + last * INDEX_BYTES);
    if (own > <i32>index) {
      store<u16>(ACTIVE_OFFSET + place * INDEX_BYTES, <u16>own);
      last--;
    } else {
      store<u16>(ACTIVE_OFFSET + place * INDEX_BYTES, index);
      other--;
    }
  }
  return total;
}
