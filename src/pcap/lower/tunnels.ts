import {
  ADD,
  ALU,
  AND,
  B,
  H,
  IMM,
  IND,
  type Instruction,
  JEQ,
  JMP,
  K,
  LD,
  LDX,
  MEM,
  MISC,
  MUL,
  ST,
  STX,
  TAX,
  TXA,
  W,
  X,
} from '../program/bpf.ts';
import * as E from './etherTypes.ts';
import { IPV6_BYTES, variablePart } from './frame.ts';
import type { Lowering } from './lowering.ts';
import { hasIpv4Port, hasIpv6Port } from './ports.ts';
import { IP_PROTOCOLS } from './protocols.ts';
import { type Test, all, any, equals, equalsMasked, instruction, leaf } from './test.ts';

/** UDP header, from the transport header to the tunnel's. */
const UDP_BYTES = 8;
/** The virtual network identifier is the same in both: 24 bits, at byte 4. */
const VNI_MASK = 0xffffff00;
const VNI_LIMIT = 0xffffff;

/** Geneve (RFC 8926): version 0. VXLAN (RFC 7348): the flag that the identifier is valid. */
const TUNNELS = {
  geneve: { port: 6081, size: 1, value: 0x00, mask: 0xc0 },
  vxlan: { port: 4789, size: 1, value: 0x08, mask: 0x08 },
} as const;

/**
 * `geneve`, `vxlan`: UDP to the tunnel's port. The inner packet begins at an offset that only the packet tells, which
 * is kept in scratch registers.
 */
export function isTunnel(lowering: Lowering, tunnel: keyof typeof TUNNELS, vni: number | undefined): Test {
  if (vni !== undefined && vni > VNI_LIMIT) lowering.fail(`${tunnel} identifier ${vni} is greater than ${VNI_LIMIT}`);
  const isTunnelled = any(isOverIpv4(lowering, tunnel, vni), isOverIpv6(lowering, tunnel, vni));
  return all(isTunnelled, enter(lowering, tunnel));
}

type Tunnel = keyof typeof TUNNELS;

/** Leaves the offset of the UDP header, but for the constant part, in the accumulator. */
function isOverIpv4(lowering: Lowering, tunnel: Tunnel, vni: number | undefined): Test {
  const { frame } = lowering;
  const { port, size, value, mask } = TUNNELS[tunnel];
  return all(
    hasIpv4Port(lowering, IP_PROTOCOLS.udp, 'dst', (code) => equals(code(), port)),
    equalsMasked(frame.loadBehindIpv4(UDP_BYTES, size), value, mask),
    ...vniTest(vni, (offset) => frame.loadBehindIpv4(offset, 4)),
    always([...frame.ipv4LengthToX(), instruction(MISC | TXA)]),
  );
}

function isOverIpv6(lowering: Lowering, tunnel: Tunnel, vni: number | undefined): Test {
  const { frame } = lowering;
  const { port, size, value, mask } = TUNNELS[tunnel];
  const variable = variablePart(frame.payload);
  return all(
    hasIpv6Port(lowering, IP_PROTOCOLS.udp, 'dst', (code) => equals(code(), port)),
    equalsMasked(frame.loadBehindIpv6(UDP_BYTES, size), value, mask),
    ...vniTest(vni, (offset) => frame.loadBehindIpv6(offset, 4)),
    always([
      ...variable,
      instruction(LD | IMM, IPV6_BYTES),
      ...(variable.length > 0 ? [instruction(ALU | ADD | X)] : []),
      instruction(MISC | TAX),
    ]),
  );
}

function vniTest(vni: number | undefined, load: (offset: number) => Instruction[]): Test[] {
  return vni === undefined ? [] : [equalsMasked(load(UDP_BYTES + 4), vni * 0x100, VNI_MASK)];
}

/** Runs code whose last step leaves the same in A and X. */
function always(code: readonly Instruction[]): Test {
  return leaf(code, JEQ | X, 0);
}

/** Notes where the inner headers lie; always true. From here on the frame is the inner one. */
function enter(lowering: Lowering, tunnel: Tunnel): Test {
  const { frame } = lowering;
  const start = frame.payload.constant + frame.network + UDP_BYTES;
  const [type, header, payload] = [lowering.register(), lowering.register(), lowering.register()];
  const code =
    tunnel === 'geneve' ? enterGeneve(start, type, header, payload) : enterVxlan(start, type, header, payload);
  frame.type = { constant: 0, register: type };
  frame.header = { constant: 0, register: header };
  frame.payload = { constant: 0, register: payload };
  frame.link = 'ethernet';
  // `networkBehindLlc` stays as it was: so libpcap has it.
  frame.network = 0;
  frame.labels = 0;
  frame.isTunnelled = true;
  return equals([...code, instruction(LD | IMM, 0)], 0);
}

const store = (register: number): Instruction => instruction(ST, register);
const add = (k: number): Instruction => instruction(ALU | ADD | K, k);
const tax = instruction(MISC | TAX);

/** Geneve: options make its header 8 to 260 bytes long; it holds an Ethernet frame, or the packet itself. */
function enterGeneve(start: number, type: number, header: number, payload: number): Instruction[] {
  return [
    add(start),
    tax,
    add(2),
    store(type),
    instruction(LD | IND | B, 0),
    instruction(ALU | AND | K, 0x3f),
    instruction(ALU | MUL | K, 4),
    add(8),
    instruction(ALU | ADD | X),
    store(header),
    instruction(LD | IND | H, 2),
    instruction(LDX | MEM, header),
    // An Ethernet frame: its own EtherType counts, and the payload lies behind its header.
    { code: JMP | JEQ | K, jt: 0, jf: 5, k: E.BRIDGED },
    instruction(MISC | TXA),
    add(12),
    store(type),
    add(2),
    tax,
    instruction(STX, payload),
  ];
}

/** VXLAN: 8 bytes, then an Ethernet frame. */
function enterVxlan(start: number, type: number, header: number, payload: number): Instruction[] {
  return [add(start + 8), store(header), add(12), store(type), add(2), store(payload)];
}

/** Whether there is an Ethernet header in the tunnel: else it begins where its payload begins. */
export function tunnelHasEthernet({ frame }: Lowering): Test {
  const { header, payload } = frame;
  const code = [instruction(LD | W | MEM, header.register ?? 0), instruction(LDX | W | MEM, payload.register ?? 0)];
  return { type: 'not', test: leaf(code, JEQ | X, 0) };
}
