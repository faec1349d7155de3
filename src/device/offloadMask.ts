import { OFFLOAD_BITS, type Offload, type OffloadChoice } from './offloads.ts';

/**
 * Turns a choice of offloads into the mask of TUNSETOFFLOAD, and refuses what the kernel would refuse, or would take and
 * then hand over 64 KiB super-packets with nothing to say so.
 *
 * @throws {TypeError} an unknown name, an offload without virtio header, TSO or USO without `csum`, one USO without the
 * other
 * @throws {RangeError} a mask with bits that have no name
 */
export function offloadMask(choice: OffloadChoice, hasVirtioHeader: boolean): number {
  const mask = rawMask(choice);
  if (mask === 0) return 0;
  if (!hasVirtioHeader) throw new TypeError(`Offloads need virtioHeader: true, got ${offloadNames(mask).join(', ')}`);
  if ((mask & OFFLOAD_BITS.csum) === 0) {
    throw new TypeError(`TCP and UDP super-packets need csum too, got only ${offloadNames(mask).join(', ')}`);
  }
  if ((mask & USO) !== 0 && (mask & USO) !== USO) {
    throw new TypeError('The kernel takes uso4 and uso6 only together: choose both or none');
  }
  return mask;
}

/** The names in a mask, in the order of their bits. */
export function offloadNames(mask: number): Offload[] {
  return all.filter((name) => (mask & OFFLOAD_BITS[name]) !== 0);
}

/** A mask without what the kernel does not take alone: anything without `csum`, `tsoEcn` without TCP, half of USO. */
export function withoutOrphans(mask: number): number {
  if ((mask & OFFLOAD_BITS.csum) === 0) return 0;
  const hasTcp = (mask & (OFFLOAD_BITS.tso4 | OFFLOAD_BITS.tso6)) !== 0;
  const hasUdp = (mask & USO) === USO;
  return mask & ~(hasTcp ? 0 : OFFLOAD_BITS.tsoEcn) & ~(hasUdp ? 0 : USO);
}

const all = Object.keys(OFFLOAD_BITS) as Offload[];
const USO = OFFLOAD_BITS.uso4 | OFFLOAD_BITS.uso6;
const ALL_BITS = all.reduce((mask, name) => mask | OFFLOAD_BITS[name], 0);

function rawMask(choice: OffloadChoice): number {
  if (choice === 'all') return ALL_BITS;
  if (choice === 'none') return 0;
  if (typeof choice === 'number') return checkedMask(choice);
  if (!Array.isArray(choice)) {
    throw new TypeError(`Expected offloads to be 'all', 'none', a list of names or a mask, got ${String(choice)}`);
  }
  return choice.reduce<number>((mask, name) => mask | bitOf(name), 0);
}

function checkedMask(mask: number): number {
  if (!Number.isInteger(mask) || mask < 0 || (mask & ~ALL_BITS) !== 0 || mask > ALL_BITS) {
    throw new RangeError(`Expected an offload mask within 0x${ALL_BITS.toString(16)}, got ${mask}`);
  }
  return mask;
}

function bitOf(name: unknown): number {
  if (typeof name !== 'string' || !Object.hasOwn(OFFLOAD_BITS, name)) {
    throw new TypeError(`Expected offloads among ${all.join(', ')}, got ${JSON.stringify(name)}`);
  }
  return OFFLOAD_BITS[name as Offload];
}
