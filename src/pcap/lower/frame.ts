import { type LinkType, linkLayouts } from '../linkType.ts';
import {
  ABS,
  ADD,
  ALU,
  AND,
  B,
  IND,
  type Instruction,
  K,
  LD,
  LDX,
  LSH,
  MEM,
  MISC,
  MSH,
  TAX,
  X,
} from '../program/bpf.ts';
import { Registers } from './registers.ts';
import { SIZE_BITS, instruction } from './test.ts';

/** A place in the frame: at a constant offset, or that far behind what a scratch register holds. */
export interface Place {
  readonly constant: number;
  readonly register: number | undefined;
}

/** Bytes of an IPv6 header. */
export const IPV6_BYTES = 40;

/**
 * Where headers lie, as far as the expression has been read. `vlan`, `mpls`, `pppoes` and tunnels move it along for all
 * that stands to their right, whatever the structure of the expression: so does libpcap.
 */
export class Frame {
  readonly registers = new Registers();
  link: LinkType | 'ppp';
  /** Where the link header begins. */
  header: Place = { constant: 0, register: undefined };
  /** The EtherType, or what stands in its place. */
  type: Place;
  /** What the link header is followed by. */
  payload: Place;
  /** Bytes from there to the network header: MPLS labels. */
  network = 0;
  /** The same with an 802.2 LLC header. */
  networkBehindLlc: number;
  /** MPLS labels so far. */
  labels = 0;
  /** Inside of a tunnel, which may hold a packet without a link header. */
  isTunnelled = false;

  constructor(link: LinkType) {
    const { typeOffset, headerBytes, llcBytes } = linkLayouts[link];
    this.link = link;
    this.type = { constant: typeOffset, register: undefined };
    this.payload = { constant: headerBytes, register: undefined };
    this.networkBehindLlc = llcBytes;
  }

  /** The link type as it is called in error texts. */
  get linkName(): string {
    return this.link === 'ppp' ? 'PPP' : linkLayouts[this.link].name;
  }

  loadHeader(offset: number, size: number): Instruction[] {
    return load(this.header, offset, size);
  }

  loadType(): Instruction[] {
    return load(this.type, 0, 2);
  }

  /** The byte behind the type field: of an 802.3 frame its SAP. */
  loadSap(): Instruction[] {
    return load(this.type, 2, 1);
  }

  /** An 802.2 header follows the link header. */
  loadLlc(offset: number, size: number): Instruction[] {
    return load(this.payload, offset, size);
  }

  loadNetwork(offset: number, size: number): Instruction[] {
    return load(this.payload, this.network + offset, size);
  }

  loadBehindLlc(offset: number, size: number): Instruction[] {
    return load(this.payload, this.networkBehindLlc + offset, size);
  }

  /** From the transport header behind an IPv4 header of any length. */
  loadBehindIpv4(offset: number, size: number): Instruction[] {
    const k = this.payload.constant + this.network + offset;
    return [...this.ipv4LengthToX(), instruction(LD | IND | bitsOf(size), k)];
  }

  /** From the transport header behind an IPv6 header without extensions. */
  loadBehindIpv6(offset: number, size: number): Instruction[] {
    return this.loadNetwork(IPV6_BYTES + offset, size);
  }

  /** X: bytes of the IPv4 header, with the payload's variable part, if it has one. */
  ipv4LengthToX(): Instruction[] {
    const { constant, register } = this.payload;
    const k = constant + this.network;
    if (register === undefined) return [instruction(LDX | MSH | B, k)];
    return [
      instruction(LDX | MEM, register),
      instruction(LD | IND | B, k),
      instruction(ALU | AND | K, 0xf),
      instruction(ALU | LSH | K, 2),
      instruction(ALU | ADD | X),
      instruction(MISC | TAX),
    ];
  }
}

/** X: the variable part of a place, if it has one. */
export function variablePart({ register }: Place): Instruction[] {
  return register === undefined ? [] : [instruction(LDX | MEM, register)];
}

function load(place: Place, offset: number, size: number): Instruction[] {
  const mode = place.register === undefined ? ABS : IND;
  return [...variablePart(place), instruction(LD | mode | bitsOf(size), place.constant + offset)];
}

function bitsOf(size: number): number {
  const bits = SIZE_BITS[size];
  if (bits === undefined) throw new RangeError(`Cannot load ${size} bytes at once`);
  return bits;
}
