import type { BpfInstruction } from '../device/bpfFilter.ts';
import type { Device } from '../device/device.ts';
import { openTap as openTapDevice, openTun as openTunDevice } from '../device/open.ts';
import type { TapOptions as TapDeviceOptions, TunOptions as TunDeviceOptions } from '../device/options.ts';
import { TaplineError } from '../errors.ts';
import { compileExpression } from '../pcap/compile.ts';
import { KERNEL_LIMIT, hasLoop } from '../pcap/program/bpf.ts';
import { type ForeignProgram, readProgram } from '../pcap/program/foreign.ts';

/** What `openTun` takes: see the options of devices. */
export type TunOptions = TunDeviceOptions;

/** What `openTap` takes: the options of devices, and a filter in the kernel. */
export interface TapOptions extends TapDeviceOptions {
  /**
   * Packets that the kernel hands over; all others it drops itself, so that they are never read. A pcap expression, or
   * `{ program }` as `tcpdump -ddd` prints it. Those that it drops are in `kernelDropped`. Default all.
   */
  readonly kernelFilter?: KernelFilter;
}

export type KernelFilter = string | { readonly program: ForeignProgram };

/**
 * Opens a TAP device, which carries Ethernet frames.
 *
 * @throws {TypeError} an option of the wrong shape, an unknown one, or two that exclude each other
 * @throws {RangeError} a number outside its range
 * @throws {ExpressionError} `BAD_EXPRESSION` the filter cannot be compiled
 * @throws {TaplineError} `BAD_PROGRAM` the kernel would not take the filter; `NOT_SUPPORTED`, `NO_TUN_NODE`,
 * `PERMISSION`, `DEVICE_EXISTS`, `NETNS`, `SYSCALL`; then neither a device nor a descriptor is left
 */
export async function openTap(options: TapOptions = {}): Promise<Device> {
  const { kernelFilter, ...rest } = options;
  if (kernelFilter === undefined) return openTapDevice(rest);
  const program = kernelProgram(kernelFilter);
  // Down until the filter is there: no packet shall pass it by.
  const device = await openTapDevice({ ...rest, up: false });
  try {
    device.attachFilter(program);
    if (rest.up !== false) device.setUp(true);
  } catch (error) {
    device.close();
    throw error;
  }
  return device;
}

/**
 * Opens a TUN device, which carries IP packets. Throws as `openTap` does.
 *
 * @throws {TaplineError} as `openTap`
 */
export async function openTun(options: TunOptions = {}): Promise<Device> {
  if ('kernelFilter' in options) {
    throw new TypeError(
      'Cannot use kernelFilter with a TUN device: the kernel filters TAP only; use pcapFilter in a line',
    );
  }
  return openTunDevice(options);
}

/** What the kernel can run: it takes neither loops nor long programs. */
function kernelProgram(filter: KernelFilter): readonly BpfInstruction[] {
  if (typeof filter !== 'string') return readProgram(filter.program);
  const program = compileExpression(filter, { link: 'ethernet' });
  if (hasLoop(program)) throw refused('protochain needs a loop, and the kernel takes none');
  if (program.length > KERNEL_LIMIT) {
    throw refused(`it needs ${program.length} instructions, and the kernel takes ${KERNEL_LIMIT} at most`);
  }
  return program;
}

function refused(reason: string): TaplineError {
  return new TaplineError(
    'BAD_PROGRAM',
    `Cannot run the expression in the kernel: ${reason}: use pcapFilter in a line instead`,
  );
}
