import { loadLibc } from '../sys/libc.ts';
import { checkOptions } from './checkOptions.ts';
import { createInterface } from './createInterface.ts';
import type { Device, DeviceKind } from './device.ts';
import type { TapOptions, TunOptions } from './options.ts';
import { TunDevice } from './tunDevice.ts';

/**
 * Opens a TUN device, which carries IP packets.
 *
 * @throws {TypeError} an option of the wrong shape, an unknown one, or two that exclude each other
 * @throws {RangeError} a number outside its range
 * @throws {TaplineError} `NOT_SUPPORTED`, `NO_TUN_NODE`, `PERMISSION`, `DEVICE_EXISTS`, `NETNS`, `SYSCALL`; then
 * neither a device nor a descriptor is left
 */
export function openTun(options: TunOptions = {}): Promise<Device> {
  return open('tun', options);
}

/**
 * Opens a TAP device, which carries Ethernet frames. Throws as `openTun` does.
 *
 * @throws {TaplineError} as `openTun`
 */
export function openTap(options: TapOptions = {}): Promise<Device> {
  return open('tap', options);
}

async function open(kind: DeviceKind, options: TapOptions): Promise<Device> {
  const checked = checkOptions(kind, options);
  const libc = await loadLibc();
  return new TunDevice(libc, kind, createInterface(libc, checked));
}
