/**
 * `struct ifreq` of `<linux/if.h>` on 64-bit systems, always whole: a shorter buffer lets the kernel read and write past
 * its end.
 *
 *      0 ┌──────────────────────────┐
 *        │ name, NUL-terminated     │ 16
 *     16 ├──────────────────────────┤
 *        │ union: flags u16 ·       │ 24
 *        │ index, MTU, qlen i32 ·   │
 *        │ family u16, MAC 6        │
 *     40 └──────────────────────────┘
 */
export interface Ifreq {
  readonly bytes: Uint8Array;
  /** The union behind the name. Little-endian, as the supported systems are. */
  readonly union: DataView;
}

const IFREQ_BYTES = 40;
const NAME_BYTES = 16;

/** A request about `name`, which has at most 15 bytes. */
export function ifreq(name: string): Ifreq {
  const bytes = new Uint8Array(IFREQ_BYTES);
  new TextEncoder().encodeInto(name, bytes.subarray(0, NAME_BYTES - 1));
  return { bytes, union: new DataView(bytes.buffer, NAME_BYTES) };
}

/** The name that the kernel has written back. */
export function ifreqName(request: Ifreq): string {
  const name = request.bytes.subarray(0, NAME_BYTES);
  const end = name.indexOf(0);
  return new TextDecoder().decode(end < 0 ? name : name.subarray(0, end));
}
