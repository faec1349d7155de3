import { type ChainItem, checkedItem } from '../filter/guarded.ts';
import { suggest } from '../suggest.ts';
import { assemble } from './assemble.ts';
import type { Pipeline } from './declaration.ts';
import { type EngineWish, checkEngine } from './engine.ts';
import type { Line } from './line.ts';
import { abandonCaptures } from './openCaptures.ts';
import { type OpenPort, checkHeader, closePorts, isCapture, namedPorts, openPort, withLinks } from './ports.ts';
import { checkRouteNames } from './routes.ts';

/**
 * Opens a line: its devices, the arena, the engine, the filters. Packets move from `line.run()` on. The line closes all
 * its ports, those that were handed to it open as well. If anything fails, everything is closed again.
 *
 * @throws {TypeError} when the declaration is wrong
 * @throws {TaplineError} as `openTap` does; `ROUTE_KIND`, `ARENA_FULL`
 */
export async function openPipeline(pipeline: Pipeline): Promise<Line> {
  checkKeys(pipeline);
  const filters = checkedFilters(pipeline.filters ?? []);
  const declared = namedPorts(pipeline.ports);
  const ports: OpenPort[] = [];
  try {
    checkEngine(wishOf(pipeline));
    checkRouteNames(
      declared.map(([name]) => name),
      pipeline.routes,
    );
    for (const [name, port] of declared) ports.push(await openPort(ports.length, name, port));
    checkNames(ports);
    ports.forEach(checkHeader);
    const { routes, record } = pipeline;
    const log = sayTo(pipeline.log ?? logToStderr);
    return await assemble({ ports: withLinks(ports), routes, filters, record, wish: wishOf(pipeline), log });
  } catch (error) {
    closePorts(ports, declared);
    await abandonCaptures(ports);
    throw error;
  }
}

const KEYS = ['ports', 'routes', 'filters', 'record', 'engine', 'busyPoll', 'log'];
const SUGGESTED = [...KEYS, 'queues', 'watchdogMs'];

export function checkKeys(pipeline: Pipeline): void {
  for (const [key, value] of Object.entries(pipeline)) {
    if (key === 'queues' && value === undefined) continue;
    if (key === 'watchdogMs')
      throw new TypeError(`Cannot open a line with 'watchdogMs' and no queues: it watches lanes`);
    if (!KEYS.includes(key)) throw new TypeError(`Cannot open a line with '${key}'${suggest(key, SUGGESTED)}`);
  }
  if (pipeline.log !== undefined && typeof pipeline.log !== 'function') {
    throw new TypeError('Cannot open a line: log must be a function');
  }
  const record: unknown = pipeline.record;
  if (record !== undefined && !(isCapture(record) && record.kind === 'capture')) {
    throw new TypeError('Cannot open a line: record must be a capture(…)');
  }
}

/** What a declaration says of its engine. */
export function wishOf({ engine = 'auto', busyPoll = 0 }: Pick<Pipeline, 'engine' | 'busyPoll'>): EngineWish {
  return { engine, busyPoll };
}

/** What a mistake in the list would cost is found out before a device is opened. */
export function checkedFilters(filters: Pipeline['filters']): ChainItem[] {
  if (!Array.isArray(filters)) throw new TypeError('Cannot open a line: filters must be a list');
  return (filters as readonly unknown[]).map(checkedItem);
}

/** The kernel may have given a device the name of another port. */
export function checkNames(ports: readonly OpenPort[]): void {
  const names = ports.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new TypeError(`Cannot use port ${twice} twice: give the ports names`);
}

/** A log that fails must not end the line. */
export function sayTo(log: (message: string) => void): (message: string) => void {
  return (message) => {
    try {
      log(message);
    } catch {
      // There is nobody left to tell.
    }
  };
}

export function logToStderr(message: string): void {
  process.stderr.write(`tapline: ${message}\n`);
}
