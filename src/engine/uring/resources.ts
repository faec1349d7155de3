import { PORT_COUNT } from '../../../assembly/layout.ts';
import * as L from '../../../assembly/ringLayout.ts';
import * as io from '../../sys/ioUring.ts';
import type { Libc } from '../../sys/libc.ts';
import type { FdPort } from '../readloop.ts';
import type { RingSpace } from './ringMemory.ts';

/** A step of registration that failed. */
export interface FailedStep {
  readonly step: string;
  readonly errno: number;
}

/** What a ring holds on to: its space, the kernel's descriptor, and the address at which the kernel sees the space. */
export interface RingParts {
  readonly libc: Libc;
  readonly space: RingSpace;
  readonly fd: number;
  readonly eventFd: number;
  /** Native address of the space. */
  readonly base: number;
}

/**
 * Registers what the ring works on: the descriptors of the ports, with their numbers as places in the table; a group of
 * buffers for each port; the event descriptor that wakes the event loop.
 *
 * @returns the step that failed, or undefined
 */
export function registerAll(parts: RingParts, ports: readonly FdPort[]): FailedStep | undefined {
  const steps: [string, () => number][] = [
    ['IORING_REGISTER_FILES', () => (ports.length === 0 ? 0 : registerFiles(parts, ports))],
    ['IORING_REGISTER_PBUF_RING', () => registerBuffers(parts, ports)],
    ['IORING_REGISTER_EVENTFD', () => registerEventFd(parts)],
  ];
  for (const [step, run] of steps) {
    const result = run();
    if (result < 0) return { step, errno: -result };
  }
  return undefined;
}

/** Whether the kernel knows multishot reads. */
export function knowsMultishot({ libc, space, fd, base }: RingParts): boolean {
  clearArgument(space);
  const result = io.ioUringRegister(libc, fd, io.IORING_REGISTER_PROBE, base + L.RING_ARGUMENT_OFFSET, 0);
  return result >= 0 && space.view.getUint8(L.RING_ARGUMENT_OFFSET) >= io.IORING_OP_READ_MULTISHOT;
}

/** Ends all that the kernel still does. Its last completions come when it is entered. */
export function cancelAll({ libc, space, fd, base }: RingParts): void {
  clearArgument(space);
  const flags = io.IORING_ASYNC_CANCEL_ALL | io.IORING_ASYNC_CANCEL_ANY;
  space.view.setUint32(L.RING_ARGUMENT_OFFSET + io.SYNC_CANCEL_FLAGS, flags, true);
  // Nothing here takes long; a second is for a kernel that has other things to do.
  space.view.setBigInt64(L.RING_ARGUMENT_OFFSET + io.SYNC_CANCEL_SECONDS, 1n, true);
  io.ioUringRegister(libc, fd, io.IORING_REGISTER_SYNC_CANCEL, base + L.RING_ARGUMENT_OFFSET, 1);
}

/** Lets go of devices at once: the kernel takes a ring that was closed apart later, in the background. */
export function unregisterAll({ libc, space, fd, base }: RingParts, ports: readonly FdPort[]): void {
  for (const { number } of ports) {
    clearArgument(space);
    space.view.setUint16(L.RING_ARGUMENT_OFFSET + io.BUF_REG_GROUP, number, true);
    io.ioUringRegister(libc, fd, io.IORING_UNREGISTER_PBUF_RING, base + L.RING_ARGUMENT_OFFSET, 1);
  }
  io.ioUringRegister(libc, fd, io.IORING_UNREGISTER_FILES, 0, 0);
  io.ioUringRegister(libc, fd, io.IORING_UNREGISTER_EVENTFD, 0, 0);
}

function registerFiles({ libc, space, fd, base }: RingParts, ports: readonly FdPort[]): number {
  const table = new Int32Array(space.memory.buffer, L.RING_ARGUMENT_OFFSET, PORT_COUNT).fill(-1);
  for (const port of ports) table[port.number] = port.fd;
  const count = space.control(L.RING_PORT_LIMIT);
  return io.ioUringRegister(libc, fd, io.IORING_REGISTER_FILES, base + L.RING_ARGUMENT_OFFSET, count);
}

function registerBuffers({ libc, space, fd, base }: RingParts, ports: readonly FdPort[]): number {
  for (const { number } of ports) {
    clearArgument(space);
    const address = BigInt(base + space.port(number, L.RING_PORT_BUFFERS));
    space.view.setBigUint64(L.RING_ARGUMENT_OFFSET, address, true);
    space.view.setUint32(L.RING_ARGUMENT_OFFSET + io.BUF_REG_ENTRIES, L.RING_BUFFER_COUNT, true);
    space.view.setUint16(L.RING_ARGUMENT_OFFSET + io.BUF_REG_GROUP, number, true);
    const argument = base + L.RING_ARGUMENT_OFFSET;
    const result = io.ioUringRegister(libc, fd, io.IORING_REGISTER_PBUF_RING, argument, 1);
    if (result < 0) return result;
  }
  return 0;
}

function registerEventFd({ libc, space, fd, eventFd, base }: RingParts): number {
  space.view.setInt32(L.RING_ARGUMENT_OFFSET, eventFd, true);
  return io.ioUringRegister(libc, fd, io.IORING_REGISTER_EVENTFD, base + L.RING_ARGUMENT_OFFSET, 1);
}

function clearArgument({ bytes }: RingSpace): void {
  bytes.fill(0, L.RING_ARGUMENT_OFFSET, L.RING_ARGUMENT_OFFSET + L.RING_PAGE_BYTES);
}
