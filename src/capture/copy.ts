/** Memory, seen in two ways. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const STEP_BYTES = 16;

/**
 * Copies `length` bytes from one memory to another. A loop, because `set` needs a view made for each packet, and is slow on
 * the arena, which is shared: for 60 bytes it takes three times as long, for 64 KiB as long (bench/capture.js).
 */
export function copyBytes(from: Bytes, fromOffset: number, to: Bytes, toOffset: number, length: number): void {
  const source = from.view;
  const target = to.view;
  if (length < STEP_BYTES) {
    for (let i = 0; i < length; i++) target.setUint8(toOffset + i, source.getUint8(fromOffset + i));
    return;
  }
  // The last step begins where it ends with the packet, and may copy some bytes twice.
  const last = length - STEP_BYTES;
  for (let i = 0; ;) {
    target.setInt32(toOffset + i, source.getInt32(fromOffset + i, true), true);
    target.setInt32(toOffset + i + 4, source.getInt32(fromOffset + i + 4, true), true);
    target.setInt32(toOffset + i + 8, source.getInt32(fromOffset + i + 8, true), true);
    target.setInt32(toOffset + i + 12, source.getInt32(fromOffset + i + 12, true), true);
    if (i === last) return;
    i += STEP_BYTES;
    if (i > last) i = last;
  }
}
