import { isWaitedFor } from '../sys/poll.ts';
import type { Device } from './device.ts';

/** Who has taken a device over. */
export interface Claim {
  /** Is called instead of closing the device: ends the owner, who gives the device back and closes it. */
  close: () => void;
}

/**
 * Devices that belong to a line. Its engine waits for the descriptor and keeps its number, so nobody may close it under
 * the engine: `close()` asks the owner.
 */
const claims = new WeakMap<Device, Claim>();

/**
 * Takes a device over. Until somebody sets another `close`, closing it gives it back and closes it.
 *
 * @throws {TypeError} when the device is closed, belongs to somebody, or a read waits on it
 */
export function claimDevice(device: Device): Claim {
  if (!device.isOpen) throw new TypeError('Cannot use a device that is closed');
  if (claims.has(device)) throw new TypeError(`Cannot use device ${device.name} in two lines: it belongs to the first`);
  if (isWaitedFor(device.fd)) {
    throw new TypeError(`Cannot use device ${device.name} in a line: somebody waits to read from it`);
  }
  const claim = {
    close: () => {
      giveBack(device);
      device.close();
    },
  };
  claims.set(device, claim);
  return claim;
}

/** Ends a claim: `close()` closes the device again. */
export function giveBack(device: Device): void {
  claims.delete(device);
}

export function isClaimed(device: Device): boolean {
  return claims.has(device);
}

/** Lets the owner of a device close it; false when it has none. */
export function closeByOwner(device: Device): boolean {
  const claim = claims.get(device);
  claim?.close();
  return claim !== undefined;
}
