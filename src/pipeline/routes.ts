import { TaplineError } from '../errors.ts';
import { suggest } from '../suggest.ts';
import type { Routes } from './declaration.ts';

/** What routing must know of a port. */
export interface RoutePort {
  readonly name: string;
  readonly link: 'ethernet' | 'ip';
  /** Whether packets come in by it; false for a capture that is written. Default true. */
  readonly gives?: boolean;
  /** Whether packets may leave by it; false for a capture that is read. Default true. */
  readonly takes?: boolean;
}

/**
 * The routes of a line: those declared, or a bridge between two ports.
 *
 * @throws {TypeError} for a name that is no port, and for a capture file that is used the wrong way round
 * @throws {TaplineError} `ROUTE_KIND` for a route between Ethernet frames and IP packets
 */
export function resolveRoutes(ports: readonly RoutePort[], declared: Routes | undefined): Routes {
  const routes = declared ?? bridge(ports);
  const byName = new Map(ports.map((port) => [port.name, port]));
  const find = (name: string): RoutePort => {
    const port = byName.get(name);
    if (port === undefined) throw noPort(name, [...byName.keys()]);
    return port;
  };
  for (const [from, to] of Object.entries(routes)) {
    const [source, target] = [find(from), find(to)];
    if (source.gives === false)
      throw new TypeError(`Cannot route ${from} to ${to}: nothing comes in by ${from}, it is only written`);
    if (target.takes === false) throw new TypeError(`Cannot route ${from} to ${to}: ${to} is a file that is only read`);
    if (source.link !== target.link) {
      throw new TaplineError(
        'ROUTE_KIND',
        `Cannot route ${from} to ${to}: ${from} carries ${words[source.link]} and ${to} ${words[target.link]}: use two ports of one kind`,
      );
    }
  }
  return routes;
}

/**
 * Finds out, before anything is opened, that a route names a port which the line will not have. A port that takes its name
 * from the kernel is not known yet; then `resolveRoutes` does.
 *
 * @throws {TypeError} for a name that is no port
 */
export function checkRouteNames(names: readonly (string | null)[], declared: Routes | undefined): void {
  const known = names.filter((name) => name !== null);
  if (known.length < names.length) return;
  for (const name of Object.entries(declared ?? {}).flat()) if (!known.includes(name)) throw noPort(name, known);
}

function noPort(name: string, known: readonly string[]): TypeError {
  return new TypeError(`Cannot route: there is no port '${name}'${suggest(name, known)}`);
}

const words = { ethernet: 'Ethernet frames (TAP)', ip: 'IP packets (TUN)' } as const;

function bridge(ports: readonly RoutePort[]): Routes {
  const [one, two, ...others] = ports;
  if (one === undefined || two === undefined || others.length > 0) return {};
  return { ...bridgeOneWay(one, two), ...bridgeOneWay(two, one) };
}

function bridgeOneWay(from: RoutePort, to: RoutePort): Routes {
  return from.gives === false || to.takes === false ? {} : { [from.name]: to.name };
}
