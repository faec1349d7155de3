import type { Libc } from './libc.ts';

/** One instruction of classic BPF, `struct sock_filter` of `<linux/filter.h>`. */
export interface BpfInstruction {
  /** Operation, 16 bits. */
  readonly code: number;
  /** Instructions to pass over when the comparison holds, 0 to 255. */
  readonly jt: number;
  /** And when it does not. */
  readonly jf: number;
  /** Operand, 32 bits, unsigned. */
  readonly k: number;
}

/** BPF_MAXINSNS of `<linux/bpf_common.h>`. */
export const MAX_BPF_INSTRUCTIONS = 4096;

/** A program for the kernel: `argument` is a `struct sock_fprog`, which points to `code`; keep both until it was used. */
export interface SockFilter {
  readonly argument: Uint8Array;
  readonly code: Uint8Array;
}

/** `struct sock_fprog`: count u16, six bytes of padding, address u64. An instruction: code u16, jt u8, jf u8, k u32. */
export function sockFilter(libc: Libc, program: readonly BpfInstruction[]): SockFilter {
  const code = new Uint8Array(8 * program.length);
  const view = new DataView(code.buffer);
  program.forEach(({ code: operation, jt, jf, k }, index) => {
    view.setUint16(8 * index, operation, true);
    view.setUint8(8 * index + 2, jt);
    view.setUint8(8 * index + 3, jf);
    view.setUint32(8 * index + 4, k, true);
  });
  const argument = new Uint8Array(16);
  const head = new DataView(argument.buffer);
  head.setUint16(0, program.length, true);
  head.setBigUint64(8, BigInt(libc.addressOf(code)), true);
  return { argument, code };
}
