import * as tun from '../sys/ifTun.ts';
import type { Libc } from '../sys/libc.ts';
import { type FailedCall, systemError } from '../sys/systemError.ts';

/** A device whose driver is asked something. */
export interface Driver {
  readonly libc: Libc;
  readonly fd: number;
  /** For error texts. */
  readonly name: string;
}

/** What a failure means, by error number, beyond what it means everywhere. */
export type Meanings = Readonly<Record<number, Pick<FailedCall, 'code' | 'remedy'>>>;

/**
 * Performs a request on the descriptor of a device.
 *
 * @param argument memory for a pointer, or a number by value
 * @throws {TaplineError} `DEVICE_GONE`, `SYSCALL`, or what `meanings` say
 */
export function tunRequest(
  driver: Driver,
  call: Extract<keyof typeof tun, `TUN${string}` & Uppercase<string>>,
  argument: Uint8Array | number,
  meanings: Meanings = {},
): void {
  const { libc, fd, name } = driver;
  if (libc.ioctl(fd, requests[call], argument) >= 0) return;
  const errno = libc.errno();
  throw systemError({ action: `Cannot set up ${name}`, syscall: `ioctl(${call})`, errno, ...meanings[errno] });
}

/** An int for a request that takes a pointer to one. */
export function intArgument(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/** Asks for an int, by a request that takes a pointer to one. Throws as `tunRequest`. */
export function tunNumber(driver: Driver, call: 'TUNGETVNETHDRSZ' | 'TUNGETSNDBUF'): number {
  const argument = intArgument(0);
  tunRequest(driver, call, argument);
  return new DataView(argument.buffer).getInt32(0, true);
}

const requests = { ...tun, TUN_NODE: 0 };
