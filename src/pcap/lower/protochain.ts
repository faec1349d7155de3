import {
  ADD,
  ALU,
  B,
  IMM,
  IND,
  type Instruction,
  JA,
  JEQ,
  JMP,
  K,
  LD,
  LDX,
  MEM,
  MISC,
  MSH,
  MUL,
  ST,
  TAX,
  TXA,
  X,
} from '../program/bpf.ts';
import type { Protocol } from '../language/words.ts';
import * as E from './etherTypes.ts';
import { IPV6_BYTES } from './frame.ts';
import { hasLinkType } from './linkTypes.ts';
import type { Lowering } from './lowering.ts';
import { type Test, all, any, equals, instruction } from './test.ts';

/** `protochain 6`: follows the chain of headers of IPv6, and authentication headers of IPv4, in a loop. */
export function isInChain(lowering: Lowering, carrier: Protocol | undefined, number: number): Test {
  if (lowering.frame.payload.register !== undefined) lowering.fail('there is no protochain behind geneve or vxlan');
  const register = lowering.register();
  switch (carrier) {
    case undefined:
      return any(isInChain(lowering, 'ip', number), isInChain(lowering, 'ip6', number));
    case 'ip':
      return walk(lowering, register, E.IPV4, number, ipv4Start(lowering), []);
    case 'ip6':
      return walk(lowering, register, E.IPV6, number, ipv6Start(lowering), EXTENSIONS);
    default:
      return lowering.fail(`'${carrier}' has no chain of headers: write ip or ip6 before protochain`);
  }
}

/** "No next header" of IPv6. */
const NO_NEXT = 59;
const AUTHENTICATION = 51;
/** Hop-by-hop options, destination options, routing, fragment: in the order in which they are asked for. */
const EXTENSIONS = [0, 60, 43, 44] as const;

/** A: number of the first header. X: its offset. */
function ipv4Start({ frame }: Lowering): Instruction[] {
  return [...frame.loadNetwork(9, 1), instruction(LDX | MSH | B, frame.payload.constant + frame.network)];
}

function ipv6Start({ frame }: Lowering): Instruction[] {
  return [...frame.loadNetwork(6, 1), instruction(LDX | IMM, IPV6_BYTES)];
}

const nothing = instruction(ALU | ADD | K, 0);
const tax = instruction(MISC | TAX);
const txa = instruction(MISC | TXA);
const add = (k: number): Instruction => instruction(ALU | ADD | K, k);

/** The walk as one piece of code with jumps inside, and the comparison of what it ended at. */
function walk(
  lowering: Lowering,
  register: number,
  linkType: number,
  number: number,
  start: readonly Instruction[],
  extensions: readonly number[],
): Test {
  const { frame } = lowering;
  const isIp = hasLinkType(lowering, linkType);
  const base = frame.payload.constant + frame.network;
  const extensionStep = extensions.length === 0 ? [] : stepOverExtension(base, register);
  const authenticationStep = stepOverAuthentication(base, register);
  const tests = extensions.length === 0 ? [nothing] : extensionTests(extensions, extensionStep.length + 1);
  const body: Instruction[] = [
    ...tests,
    ...extensionStep,
    // Where extensions were stepped over, the loop begins again.
    ...(extensions.length === 0 ? [] : [jump(-(2 + tests.length + extensionStep.length) - 1)]),
    compare(AUTHENTICATION, 0, authenticationStep.length + 1),
    ...authenticationStep,
  ];
  const loop: Instruction[] = [
    compare(number, body.length + 2, 0),
    compare(NO_NEXT, body.length + 1, 0),
    ...body,
    jump(-(body.length + 2) - 1),
  ];
  const test = all(isIp, equals([...start, ...loop, nothing], number));
  frame.registers.giveBack(register);
  return test;
}

function compare(k: number, jt: number, jf: number): Instruction {
  return { code: JMP | JEQ | K, jt, jf, k: k >>> 0 };
}

/** By `distance` from the instruction behind it. */
function jump(distance: number): Instruction {
  return instruction(JMP | JA, distance);
}

/** Each leads to the step behind all of them; the last one leads past the step where it fails. */
function extensionTests(extensions: readonly number[], stepLength: number): Instruction[] {
  return extensions.map((extension, i) => {
    const isLast = i === extensions.length - 1;
    return compare(extension, extensions.length - 1 - i, isLast ? stepLength : 0);
  });
}

/** RFC 8200: the length is in units of 8 bytes, without the first 8. */
function stepOverExtension(base: number, register: number): Instruction[] {
  return [
    instruction(LD | IND | B, base),
    instruction(ST, register),
    instruction(LD | IND | B, base + 1),
    add(1),
    instruction(ALU | MUL | K, 8),
    instruction(ALU | ADD | X),
    tax,
    instruction(LD | MEM, register),
  ];
}

/**
 * RFC 4302: the length is in units of 4 bytes, without the first 8. libpcap forgets to add where the header began; so
 * does this, since its verdicts are the reference.
 */
function stepOverAuthentication(base: number, register: number): Instruction[] {
  return [
    txa,
    instruction(LD | IND | B, base),
    instruction(ST, register),
    txa,
    add(1),
    tax,
    instruction(LD | IND | B, base),
    add(2),
    instruction(ALU | MUL | K, 4),
    tax,
    instruction(LD | MEM, register),
  ];
}
