import { checkOptions } from '../../device/checkOptions.ts';
import type { DeviceKind } from '../../device/device.ts';
import type { OffloadChoice } from '../../device/offloads.ts';
import type { TapOptions } from '../../device/options.ts';
import { type DevicePort, tap, tun } from '../../pipeline/declaration.ts';
import { suggest } from '../../suggest.ts';
import { type Given, has, valueOf, valuesOf } from '../given.ts';
import { UsageError } from '../usageError.ts';

/** Options that only make sense for ports given by flags. */
export const portOptions: readonly string[] = ['tap', 'tun', 'address', 'mtu', 'netns', 'offloads'];

/**
 * Makes ports of `--tap`, `--tun` and the options about them, in the order of the command line. Everything is checked;
 * nothing is opened.
 *
 * @throws {UsageError}
 */
export function portsOf(given: Given): DevicePort[] {
  const names = portNames(given);
  checkPorts(given, names);
  return devicePorts(given, names);
}

/**
 * Ports of these names, with the options about them.
 *
 * @param extra options that the command line does not have
 * @param prefix what stands before `tap` and `tun` in the options that name them, for error texts
 * @throws {UsageError}
 */
export function devicePorts(
  given: Given,
  names: readonly NamedPort[],
  extra: Omit<TapOptions, 'name'> = {},
  prefix = '--',
): DevicePort[] {
  const addresses = assignments(given, 'address', names);
  const namespaces = assignments(given, 'netns', names);
  return names.map(({ kind, name }) => {
    const options: Omit<TapOptions, 'name'> = {
      ...extra,
      ...mtuOption(given),
      ...offloadsOption(given),
      addresses: addresses.get(name) ?? [],
      ...netnsOption(namespaces.get(name) ?? []),
    };
    return checkedPort(kind === 'tap' ? tap(name, options) : tun(name, options), prefix);
  });
}

/** A device as an option names it. */
export interface NamedPort {
  readonly kind: DeviceKind;
  readonly name: string;
}

function portNames(given: Given): NamedPort[] {
  return given.options.flatMap(({ name, value }) =>
    name === 'tap' || name === 'tun' ? [{ kind: name, name: value }] : [],
  );
}

function checkPorts(given: Given, ports: readonly NamedPort[]): void {
  if (ports.length === 0) throw new UsageError('No ports: give --tap NAME or --tun NAME, or a pipeline file');
  const names = ports.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index && !name.includes('%d'));
  if (twice !== undefined) throw new UsageError(`Port ${twice} was given twice: every port is a device of its own`);
  if (ports.length === 2 && ports[0]?.kind !== ports[1]?.kind) {
    throw new UsageError(
      'A TAP port (Ethernet frames) and a TUN port (IP packets) cannot be bridged: take two of a kind',
    );
  }
  if (ports.length > 2 && !has(given, 'filter')) {
    throw new UsageError(
      `${ports.length} ports have no route between them: add a --filter that redirects, or write a pipeline file with routes`,
    );
  }
}

/**
 * Values of the form PORT=VALUE by port. With a single port the name may be left out.
 *
 * @throws {UsageError} when there is no such port
 */
function assignments(given: Given, option: string, ports: readonly NamedPort[]): Map<string, string[]> {
  const byPort = new Map<string, string[]>();
  const names = ports.map(({ name }) => name);
  for (const text of valuesOf(given, option)) {
    const [port, value] = split(option, text, names);
    byPort.set(port, [...(byPort.get(port) ?? []), value]);
  }
  return byPort;
}

function split(option: string, text: string, names: readonly string[]): [string, string] {
  const at = text.indexOf('=');
  if (at < 0) {
    const [only, ...others] = names;
    if (only !== undefined && others.length === 0) return [only, text];
    throw new UsageError(`Option --${option} must say for which port: --${option} ${names[0] ?? 'PORT'}=${text}`);
  }
  const port = text.slice(0, at);
  if (names.includes(port)) return [port, text.slice(at + 1)];
  throw new UsageError(`Option --${option} ${text} names no port: there is no '${port}'${suggest(port, names)}`);
}

function mtuOption(given: Given): Pick<TapOptions, 'mtu'> {
  const text = valueOf(given, 'mtu');
  if (text === undefined) return {};
  if (!/^\d+$/.test(text)) throw new UsageError(`Option --mtu needs a number of bytes, got ${JSON.stringify(text)}`);
  return { mtu: Number(text) };
}

function offloadsOption(given: Given): Pick<TapOptions, 'offloads'> {
  const text = valueOf(given, 'offloads');
  if (text === undefined) return {};
  // Names are checked with the other options of a device.
  return { offloads: (text === 'all' || text === 'none' ? text : text.split(',')) as OffloadChoice };
}

function netnsOption(values: readonly string[]): Pick<TapOptions, 'netns'> {
  const [value, ...others] = values;
  if (value === undefined) return {};
  if (others.length > 0)
    throw new UsageError('A port can be in one network namespace only: --netns was repeated for it');
  return { netns: /^\d+$/.test(value) ? Number(value) : value };
}

/** What the device would refuse is refused here, before anything is opened. */
function checkedPort(port: DevicePort, prefix: string): DevicePort {
  try {
    checkOptions(port.kind, port.options);
    return port;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(`${prefix}${port.kind} ${port.options.name ?? ''}: ${error.message}`);
  }
}
