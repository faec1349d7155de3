import * as B from '../../../src/pcap/program/bpf.ts';

/** What a program may know of a packet that is not in its bytes; as a packet from a queue has it. */
const ANCILLARY: Readonly<Record<number, number>> = {
  [B.ANCILLARY_PACKET_TYPE]: 0,
  [B.ANCILLARY_INTERFACE]: 0,
  [B.ANCILLARY_VLAN_TAG]: 0,
  [B.ANCILLARY_VLAN_PRESENT]: 0,
};

/** Says that a program went back too often. */
export class EndlessError extends Error {}

/**
 * A classic BPF interpreter as slow and plain as can be: a third opinion.
 *
 * @throws {EndlessError} after 10,000 jumps back: libpcap would walk on for ever
 */
export function interpret(program: B.Program, packet: Uint8Array, wireLength: number): number {
  const memory = new Array<number>(B.SCRATCH_COUNT).fill(0);
  let [a, x, rounds] = [0, 0, 0];
  const read = (offset: number, size: number): number | undefined => {
    if (offset + size > packet.length) return undefined;
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (packet[offset + i] ?? 0);
    return value;
  };
  for (let at = 0; ; at++) {
    const instruction = program[at];
    if (instruction === undefined) throw new RangeError(`Ran out of the program at ${at}`);
    const { code, jt, jf, k } = instruction;
    const size = { [B.W]: 4, [B.H]: 2, [B.B]: 1 }[code & B.SIZE_MASK] ?? 0;
    switch (code & B.CLASS_MASK) {
      case B.LD:
      case B.LDX: {
        let value: number | undefined;
        switch (code & B.MODE_MASK) {
          case B.IMM:
            value = k;
            break;
          case B.LEN:
            value = wireLength;
            break;
          case B.MEM:
            value = memory[k];
            break;
          case B.ABS:
            value = k >= B.ANCILLARY ? ANCILLARY[k] : read(k, size);
            break;
          case B.IND:
            value = read(x + k, size);
            break;
          case B.MSH:
            value = read(k, 1);
            if (value !== undefined) value = 4 * (value & 0xf);
            break;
        }
        if (value === undefined) return 0;
        if ((code & B.CLASS_MASK) === B.LD) a = value;
        else x = value;
        break;
      }
      case B.ST:
        memory[k] = a;
        break;
      case B.STX:
        memory[k] = x;
        break;
      case B.ALU: {
        const operand = (code & B.X) === B.X ? x : k;
        const operation = code & B.OPERATION_MASK;
        if ((operation === B.DIV || operation === B.MOD) && operand === 0) return 0;
        a = compute(operation, a, operand);
        break;
      }
      case B.JMP: {
        const operand = (code & B.X) === B.X ? x : k;
        if ((code & B.OPERATION_MASK) === B.JA) {
          if ((k | 0) < 0 && ++rounds > 10_000) throw new EndlessError();
          at += k | 0;
        } else at += holds(code & B.OPERATION_MASK, a, operand) ? jt : jf;
        break;
      }
      case B.RET:
        return code === (B.RET | B.A) ? a : k;
      default:
        if (code === (B.MISC | B.TAX)) x = a;
        else a = x;
    }
  }
}

function compute(operation: number, a: number, operand: number): number {
  const wide = BigInt(a);
  const other = BigInt(operand);
  const results: Readonly<Record<number, () => bigint>> = {
    [B.ADD]: () => wide + other,
    [B.SUB]: () => wide - other,
    [B.MUL]: () => wide * other,
    [B.DIV]: () => wide / other,
    [B.MOD]: () => wide % other,
    [B.AND]: () => wide & other,
    [B.OR]: () => wide | other,
    [B.XOR]: () => wide ^ other,
    [B.LSH]: () => (operand > 31 ? 0n : wide << other),
    [B.RSH]: () => wide >> other,
    [B.NEG]: () => -wide,
  };
  const result = results[operation];
  if (result === undefined) throw new RangeError(`There is no operation 0x${operation.toString(16)}`);
  return Number(BigInt.asUintN(32, result()));
}

function holds(operation: number, a: number, operand: number): boolean {
  if (operation === B.JEQ) return a === operand;
  if (operation === B.JGT) return a > operand;
  if (operation === B.JGE) return a >= operand;
  return (BigInt(a) & BigInt(operand)) !== 0n;
}
