/** Whether `least` ≤ `value` ≤ `most`, by one comparison; `most` is not below `least`. */
export function isBetween(value: i32, least: i32, most: i32): bool {
  return <u32>(value - least) <= <u32>(most - least);
}
