import { NO_PORT } from '../../assembly/layout.ts';
import { Arena } from '../core/arena.ts';
import { Batch } from '../core/batch.ts';
import { offloadMask, offloadNames } from '../device/offloadMask.ts';
import { toFilterSource } from '../filter/define.ts';
import type { FilterSource } from '../filter/stage.ts';
import { suggest } from '../suggest.ts';
import { Breath } from './breath.ts';
import { Chain } from './chain.ts';
import type { Pipeline, Routes } from './declaration.ts';
import { checkEngine, openEngine } from './engine.ts';
import type { Line } from './line.ts';
import { negotiateOffloads } from './negotiate.ts';
import { poolPlans } from './pools.ts';
import { type OpenPort, checkHeader, closePorts, namedPorts, openPort } from './ports.ts';
import { LineQueue } from './queue.ts';
import { resolveRoutes } from './routes.ts';
import { RunningLine } from './runningLine.ts';

/**
 * Opens a line: its devices, the arena, the engine, the filters. Packets move from `line.run()` on. The line closes all
 * its ports, those that were handed to it open as well. If anything fails, everything is closed again.
 *
 * @throws {TypeError} when the declaration is wrong
 * @throws {TaplineError} as `openTap` does; `ROUTE_KIND`, `ARENA_FULL`
 */
export async function openPipeline(pipeline: Pipeline): Promise<Line> {
  checkKeys(pipeline);
  const filters = filterSources(pipeline.filters ?? []);
  const declared = namedPorts(pipeline.ports);
  const ports: OpenPort[] = [];
  try {
    checkEngine(pipeline.engine ?? 'auto');
    for (const [name, port] of declared) ports.push(await openPort(ports.length, name, port));
    checkNames(ports);
    ports.forEach(checkHeader);
    return await assemble(pipeline, ports, filters);
  } catch (error) {
    closePorts(ports, declared);
    throw error;
  }
}

const KEYS = ['ports', 'routes', 'filters', 'engine', 'log'];

function checkKeys(pipeline: Pipeline): void {
  for (const key of Object.keys(pipeline)) {
    if (!KEYS.includes(key)) throw new TypeError(`Cannot open a line with '${key}'${suggest(key, KEYS)}`);
  }
  if (pipeline.log !== undefined && typeof pipeline.log !== 'function') {
    throw new TypeError('Cannot open a line: log must be a function');
  }
}

/** What a mistake in the list would cost is found out before a device is opened. */
function filterSources(filters: Pipeline['filters']): FilterSource[] {
  if (!Array.isArray(filters)) throw new TypeError('Cannot open a line: filters must be a list');
  return (filters as readonly unknown[]).map(toFilterSource);
}

/** The kernel may have given a device the name of another port. */
function checkNames(ports: readonly OpenPort[]): void {
  const names = ports.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new TypeError(`Cannot use port ${twice} twice: give the ports names`);
}

async function assemble(
  pipeline: Pipeline,
  ports: readonly OpenPort[],
  filters: readonly FilterSource[],
): Promise<Line> {
  const routes = resolveRoutes(ports, pipeline.routes);
  const offloads = negotiateOffloads(ports, routes);
  const masks = ports.map((port) => setOffloads(port, offloads.get(port.name) ?? 0));
  const arena = new Arena(poolPlans(ports, masks));
  const batch = new Batch(arena);
  setRoutes(arena, ports, routes);
  const engine = await openEngine(arena, ports);
  let chain: Chain | undefined;
  try {
    const numbers = new Map(ports.map(({ name, number }) => [name, number]));
    chain = new Chain(
      {
        arena,
        batch,
        portNumber: (name) => numbers.get(name),
        portName: (number) => ports[number]?.name ?? '',
        log: sayTo(pipeline.log ?? logToStderr),
      },
      filters,
    );
    const breath = new Breath(arena, batch, engine, chain, ports);
    for (const { target, takesUp } of ports) if (takesUp && !(target instanceof LineQueue)) target.setUp(true);
    return new RunningLine(engine, chain, breath, ports, masks.map(offloadNames));
  } catch (error) {
    engine.close();
    chain?.close();
    throw error;
  }
}

/** Tells the device what of its offloads the line can use. Returns the mask that is in force. */
function setOffloads({ target, offloads, headerBytes }: OpenPort, wanted: number): number {
  if (target instanceof LineQueue || offloads === wanted) return wanted;
  return offloadMask(target.setOffloads(offloadNames(wanted)), headerBytes > 0);
}

function setRoutes(arena: Arena, ports: readonly OpenPort[], routes: Routes): void {
  const numbers = new Map(ports.map(({ name, number }) => [name, number]));
  for (const { name, number } of ports) arena.setRoute(number, numbers.get(routeOf(routes, name)) ?? NO_PORT);
}

/** A port may be called like something that every object inherits. */
function routeOf(routes: Routes, name: string): string {
  return Object.hasOwn(routes, name) ? (routes[name] ?? '') : '';
}

/** A log that fails must not end the line. */
function sayTo(log: (message: string) => void): (message: string) => void {
  return (message) => {
    try {
      log(message);
    } catch {
      // There is nobody left to tell.
    }
  };
}

function logToStderr(message: string): void {
  process.stderr.write(`tapline: ${message}\n`);
}
