/** Counters of a filter as they are now. */
export function readCounters(view: DataView, address: number, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, Number(view.getBigUint64(address + 8 * i, true))]));
}
