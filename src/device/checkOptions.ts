import { type InterfaceAddress, parseAddress } from './address.ts';
import type { DeviceKind } from './device.ts';
import { checkOptionNames } from './knownOptions.ts';
import { parseMac } from './mac.ts';
import { offloadMask } from './offloadMask.ts';
import type { TapOptions, TunOptions } from './options.ts';

/** Options with their defaults, each one checked: what `createInterface` works from. */
export interface CheckedOptions {
  readonly kind: DeviceKind;
  readonly name: string;
  readonly exclusive: boolean;
  readonly virtioHeader: boolean;
  readonly offloads: number;
  readonly interfaceFlags: number;
  readonly mtu: number | undefined;
  readonly mac: Uint8Array | undefined;
  readonly addresses: readonly InterfaceAddress[];
  readonly up: boolean;
  readonly txQueueLength: number | undefined;
  readonly netns: string | number | undefined;
  readonly multiQueue: boolean;
}

/**
 * Checks options without a system call.
 *
 * @throws {TypeError} an option of the wrong shape, an unknown one, or two that exclude each other
 * @throws {RangeError} a number outside its range
 */
export function checkOptions(kind: DeviceKind, options: TapOptions): CheckedOptions {
  checkOptionNames(options, kind === 'tap' ? tapOptionNames : tunOptionNames);
  const virtioHeader = flag('virtioHeader', options.virtioHeader, false);
  return {
    kind,
    name: checkName(options.name ?? ''),
    exclusive: flag('exclusive', options.exclusive, true),
    virtioHeader,
    offloads: offloadMask(options.offloads ?? 'none', virtioHeader),
    interfaceFlags: integer('interfaceFlags', options.interfaceFlags ?? 0, 0, 0xffff),
    mtu: options.mtu === undefined ? undefined : checkMtu(kind, options.mtu),
    mac: options.mac === undefined ? undefined : parseMac(options.mac),
    addresses: checkAddresses(options.addresses ?? []),
    up: flag('up', options.up, true),
    txQueueLength:
      options.txQueueLength === undefined ? undefined : integer('txQueueLength', options.txQueueLength, 1, 0x7fffffff),
    netns: checkNetns(options.netns),
    multiQueue: flag('multiQueue', options.multiQueue, false),
  };
}

/**
 * The range of drivers/net/tun.c: MIN_MTU 68, MAX_MTU 65,535 less the Ethernet header on TAP.
 *
 * @throws {RangeError} outside it
 */
export function checkMtu(kind: DeviceKind, mtu: number): number {
  return integer('mtu', mtu, 68, kind === 'tap' ? 65_521 : 65_535);
}

const tunOptionNames: readonly (keyof TunOptions)[] = [
  'name',
  'exclusive',
  'virtioHeader',
  'offloads',
  'interfaceFlags',
  'mtu',
  'addresses',
  'up',
  'txQueueLength',
  'netns',
  'multiQueue',
];
const tapOptionNames: readonly (keyof TapOptions)[] = [...tunOptionNames, 'mac'];

/** The kernel's rules (dev_valid_name), and two of our own: it would silently cut a name after 15 bytes. */
function checkName(name: unknown): string {
  if (typeof name !== 'string') throw new TypeError(`Expected name to be a string, got ${typeof name}`);
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > 15) throw new RangeError(`Expected a name of at most 15 bytes, got ${bytes} in ${JSON.stringify(name)}`);
  if (/[/:\s\u0000-\u001f\u007f]/.test(name) || name === '.' || name === '..') {
    throw new TypeError(`Expected a name without slash, colon and blanks, got ${JSON.stringify(name)}`);
  }
  if (name.replace('%d', '').includes('%')) {
    throw new TypeError(`Expected at most one %d, and no other %, in the name ${JSON.stringify(name)}`);
  }
  return name;
}

function checkAddresses(addresses: unknown): InterfaceAddress[] {
  if (!Array.isArray(addresses) || !addresses.every((address) => typeof address === 'string')) {
    throw new TypeError(`Expected addresses to be a list of strings, got ${JSON.stringify(addresses)}`);
  }
  return addresses.map(parseAddress);
}

function checkNetns(netns: unknown): string | number | undefined {
  if (netns === undefined) return undefined;
  if (typeof netns === 'number') return integer('netns', netns, 1, 0x7fffffff);
  if (typeof netns !== 'string' || netns === '' || netns === '.' || netns === '..' || netns.includes('\0')) {
    throw new TypeError(`Expected netns to be a name, a path or a process id, got ${JSON.stringify(netns)}`);
  }
  return netns;
}

function flag(name: string, value: unknown, absent: boolean): boolean {
  if (value === undefined) return absent;
  if (typeof value !== 'boolean') throw new TypeError(`Expected ${name} to be true or false, got ${typeof value}`);
  return value;
}

function integer(name: string, value: unknown, minimum: number, maximum: number): number {
  if (typeof value !== 'number') throw new TypeError(`Expected ${name} to be a number, got ${typeof value}`);
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new RangeError(`Expected ${name} to be an integer from ${minimum} to ${maximum}, got ${value}`);
  }
  return value;
}
