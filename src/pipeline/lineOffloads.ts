import type { Arena } from '../core/arena.ts';
import { offloadMask, offloadNames } from '../device/offloadMask.ts';
import type { Offload } from '../device/offloads.ts';
import { needsOf, stepDownOffloads } from '../device/stepDown.ts';
import { TaplineError } from '../errors.ts';
import type { OpenPort } from './ports.ts';

/**
 * Offloads of a line's ports: all that were granted when it is opened, whatever the other ports take, and fewer while it
 * runs where the kernel refuses a super-packet that it had agreed to.
 */
export class LineOffloads {
  readonly #ports: readonly OpenPort[];
  /** What each port takes in what is written to it: TUN_F_* masks. */
  readonly #accepted: number[];
  /** What each port is told to hand over. */
  readonly #used: number[];
  /** What each port had to give up. */
  readonly #refused: number[];

  constructor(ports: readonly OpenPort[]) {
    this.#ports = ports;
    this.#accepted = ports.map(({ offloads }) => offloads);
    this.#used = [...this.#accepted];
    this.#refused = ports.map(() => 0);
  }

  /** Masks of what each port hands over. */
  get masks(): readonly number[] {
    return this.#used;
  }

  /** What the line uses on a port just now. */
  of(port: number): readonly Offload[] {
    return offloadNames(this.#used[port] ?? 0);
  }

  /** What the kernel granted on a port and then refused. */
  refused(port: number): readonly Offload[] {
    return offloadNames(this.#refused[port] ?? 0);
  }

  /**
   * Goes on without a kind of super-packet: the kernel refused one, with EINVAL, though its header was in order. From now
   * on the core cuts them for the port, and its device, whose kernel is in doubt, hands over none either.
   *
   * @param gsoType as in the header of the refused packet
   * @returns what was given up: nothing for what is no super-packet, or was on its way when its kind was given up
   */
  stepDown(arena: Arena, port: number, gsoType: number): readonly Offload[] {
    const before = this.#accepted[port] ?? 0;
    const needs = needsOf(gsoType);
    if (needs === 0 || (before & needs) !== needs) return [];
    const after = offloadMask(stepDownOffloads(offloadNames(before), gsoType), true);
    this.#accepted[port] = after;
    this.#refused[port] = (this.#refused[port] ?? 0) | (before & ~after);
    arena.setOffloads(port, after);
    const open = this.#ports[port];
    if (open !== undefined) this.#used[port] = setOffloads(open, this.#used[port] ?? 0, after);
    return offloadNames(before & ~after);
  }
}

/** Tells the device what of its offloads the line can use. Returns the mask that is in force. */
function setOffloads({ target, headerBytes }: OpenPort, current: number, wanted: number): number {
  if (!('setOffloads' in target) || current === wanted) return wanted;
  try {
    return offloadMask(target.setOffloads(offloadNames(wanted)), headerBytes > 0);
  } catch (error) {
    // A device that was deleted ends the line in its own way.
    if (error instanceof TaplineError && error.code === 'DEVICE_GONE') return current;
    throw error;
  }
}
