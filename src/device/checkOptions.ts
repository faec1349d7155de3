import { type InterfaceAddress, parseAddress } from './address.ts';
import type { DeviceKind } from './device.ts';
import { checkName } from './interfaceName.ts';
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
  /** Mask of TUN_F_*; undefined where nothing was said of it. */
  readonly offloads: number | undefined;
  readonly verifyOffloads: boolean;
  readonly interfaceFlags: number;
  readonly mtu: number | undefined;
  readonly mac: Uint8Array | undefined;
  readonly addresses: readonly InterfaceAddress[];
  readonly up: boolean;
  readonly txQueueLength: number | undefined;
  readonly netns: string | number | undefined;
  readonly multiQueue: boolean;
  readonly napi: 'no' | 'plain' | 'threaded';
  readonly sendBufferBytes: number | undefined;
  readonly carrier: boolean | undefined;
  readonly owner: number | undefined;
  readonly group: number | undefined;
  readonly persist: boolean | undefined;
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
    offloads: given(options.offloads, (choice) => offloadMask(choice, virtioHeader)),
    verifyOffloads: flag('verifyOffloads', options.verifyOffloads, false),
    interfaceFlags: integer('interfaceFlags', options.interfaceFlags ?? 0, 0, 0xffff),
    mtu: given(options.mtu, (mtu) => checkMtu(kind, mtu)),
    mac: given(options.mac, parseMac),
    addresses: checkAddresses(options.addresses ?? []),
    up: flag('up', options.up, true),
    txQueueLength: given(options.txQueueLength, (length) => integer('txQueueLength', length, 1, INT_MAX)),
    netns: checkNetns(options.netns),
    multiQueue: flag('multiQueue', options.multiQueue, false),
    napi: checkNapi(options.napi ?? false),
    sendBufferBytes: given(options.sendBufferBytes, (bytes) => integer('sendBufferBytes', bytes, 1, INT_MAX)),
    carrier: given(options.carrier, (carrier) => flag('carrier', carrier)),
    owner: given(options.owner, (id) => integer('owner', id, 0, MAX_ID)),
    group: given(options.group, (id) => integer('group', id, 0, MAX_ID)),
    persist: given(options.persist, (persist) => flag('persist', persist)),
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

/**
 * Checks a switch.
 *
 * @throws {TypeError} neither true nor false
 */
export function flag(name: string, value: unknown, absent?: boolean): boolean {
  if (value === undefined && absent !== undefined) return absent;
  if (typeof value !== 'boolean') throw new TypeError(`Expected ${name} to be true or false, got ${typeof value}`);
  return value;
}

const INT_MAX = 0x7fffffff;
/** All ones mean none to the kernel. */
const MAX_ID = 0xfffffffe;

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
  'verifyOffloads',
  'napi',
  'sendBufferBytes',
  'carrier',
  'owner',
  'group',
  'persist',
];
const tapOptionNames: readonly (keyof TapOptions)[] = [...tunOptionNames, 'mac'];

function checkAddresses(addresses: unknown): InterfaceAddress[] {
  if (!Array.isArray(addresses) || !addresses.every((address) => typeof address === 'string')) {
    throw new TypeError(`Expected addresses to be a list of strings, got ${JSON.stringify(addresses)}`);
  }
  return addresses.map(parseAddress);
}

function checkNapi(napi: unknown): CheckedOptions['napi'] {
  if (napi === 'threaded') return napi;
  if (typeof napi === 'boolean') return napi ? 'plain' : 'no';
  throw new TypeError(`Expected napi to be true, false or 'threaded', got ${JSON.stringify(napi)}`);
}

function checkNetns(netns: unknown): string | number | undefined {
  if (netns === undefined) return undefined;
  if (typeof netns === 'number') return integer('netns', netns, 1, INT_MAX);
  if (typeof netns !== 'string' || netns === '' || netns === '.' || netns === '..' || netns.includes('\0')) {
    throw new TypeError(`Expected netns to be a name, a path or a process id, got ${JSON.stringify(netns)}`);
  }
  return netns;
}

function integer(name: string, value: unknown, minimum: number, maximum: number): number {
  if (typeof value !== 'number') throw new TypeError(`Expected ${name} to be a number, got ${typeof value}`);
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new RangeError(`Expected ${name} to be an integer from ${minimum} to ${maximum}, got ${value}`);
  }
  return value;
}

/** What was left out stays so: it is then not set at all. */
function given<Value, Checked>(value: Value | undefined, check: (value: Value) => Checked): Checked | undefined {
  return value === undefined ? undefined : check(value);
}
