/** One instruction of classic BPF, `struct sock_filter` of `<linux/filter.h>`. */
export interface Instruction {
  /** Operation, 16 bits. */
  readonly code: number;
  /** Instructions to pass over when the comparison holds, 0 to 255. */
  readonly jt: number;
  /** And when it does not. */
  readonly jf: number;
  /** Operand, 32 bits, unsigned. */
  readonly k: number;
}

export type Program = readonly Instruction[];

// Classes and their parts, <linux/bpf_common.h>.
export const LD = 0x00;
export const LDX = 0x01;
export const ST = 0x02;
export const STX = 0x03;
export const ALU = 0x04;
export const JMP = 0x05;
export const RET = 0x06;
export const MISC = 0x07;
export const CLASS_MASK = 0x07;

export const W = 0x00;
export const H = 0x08;
export const B = 0x10;
export const SIZE_MASK = 0x18;

export const IMM = 0x00;
export const ABS = 0x20;
export const IND = 0x40;
export const MEM = 0x60;
export const LEN = 0x80;
export const MSH = 0xa0;
export const MODE_MASK = 0xe0;

export const ADD = 0x00;
export const SUB = 0x10;
export const MUL = 0x20;
export const DIV = 0x30;
export const OR = 0x40;
export const AND = 0x50;
export const LSH = 0x60;
export const RSH = 0x70;
export const NEG = 0x80;
export const MOD = 0x90;
export const XOR = 0xa0;
export const OPERATION_MASK = 0xf0;

export const JA = 0x00;
export const JEQ = 0x10;
export const JGT = 0x20;
export const JGE = 0x30;
export const JSET = 0x40;

export const K = 0x00;
export const X = 0x08;
/** RET: the accumulator is returned. */
export const A = 0x10;
export const TAX = 0x00;
export const TXA = 0x80;

/** Scratch registers, BPF_MEMWORDS. */
export const SCRATCH_COUNT = 16;
/** BPF_MAXINSNS: instructions that the kernel takes, at most. */
export const KERNEL_LIMIT = 4096;

// Ancillary loads, SKF_AD_* of <linux/filter.h>: facts about the packet that are not in its bytes.
export const ANCILLARY = 0xfffff000;
export const ANCILLARY_PACKET_TYPE = ANCILLARY + 4;
export const ANCILLARY_INTERFACE = ANCILLARY + 8;
export const ANCILLARY_VLAN_TAG = ANCILLARY + 44;
export const ANCILLARY_VLAN_PRESENT = ANCILLARY + 48;
/** PACKET_OUTGOING of `<linux/if_packet.h>`: sent by the interface's own side. */
export const PACKET_OUTGOING = 4;

/** Whether an instruction is a comparison, which goes on at one of two places. */
export function isBranch({ code }: Instruction): boolean {
  return (code & CLASS_MASK) === JMP && (code & OPERATION_MASK) !== JA;
}

/** Whether it is the unconditional jump. */
export function isJump({ code }: Instruction): boolean {
  return code === (JMP | JA);
}

/** The place that an unconditional jump at `index` leads to; libpcap's loops jump back by a negative offset. */
export function jumpTarget({ k }: Instruction, index: number): number {
  return index + 1 + (k | 0);
}

/** Whether the program has a loop, as `protochain` makes one: the kernel takes none. */
export function hasLoop(program: Program): boolean {
  return program.some((instruction) => isJump(instruction) && (instruction.k | 0) < 0);
}
