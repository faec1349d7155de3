import type { BindCopy } from '../filter/stage.ts';
import type { Libc } from '../sys/libc.ts';

/** Copies by the C library: on shared memory three times as fast as what JavaScript has. */
export function nativeCopies(libc: Libc): BindCopy {
  return (to, from) => {
    const target = libc.addressOf(to);
    const source = libc.addressOf(from);
    return (toOffset, fromOffset, bytes) => {
      libc.memcpy(target + toOffset, source + fromOffset, bytes);
    };
  };
}

/** Copies without the C library. */
export const plainCopies: BindCopy = (to, from) => (toOffset, fromOffset, bytes) => {
  to.set(from.subarray(fromOffset, fromOffset + bytes), toOffset);
};
