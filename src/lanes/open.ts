import { availableParallelism } from 'node:os';
import { inspect } from 'node:util';
import { roomOf, layoutOf } from '../pipeline/pools.ts';
import { PortWatch } from '../pipeline/portWatch.ts';
import { checkHeader } from '../pipeline/ports.ts';
import { checkRouteNames, resolveRoutes } from '../pipeline/routes.ts';
import { checkEngine } from '../pipeline/engine.ts';
import { checkKeys, checkNames, logToStderr, sayTo, wishOf } from '../pipeline/open.ts';
import type { LanesPipeline } from './declaration.ts';
import { LanePort, devicePorts } from './lanePorts.ts';
import type { LanesLine } from './lanesLine.ts';
import { RunningLanes } from './runningLanes.ts';
import { wantedOf } from './sharedFilters.ts';

/**
 * Opens a line with lanes: its devices with a queue for each, the workers, and in them arenas, engines and filters. Packets
 * move from `line.run()` on. If anything fails, everything is closed again.
 *
 * @throws {TypeError} when the declaration is wrong, or a port or filter belongs to one thread
 * @throws {RangeError} for a number outside its range
 * @throws {TaplineError} as `openPipeline` does; `LANE_LOST` when a worker cannot begin
 */
export async function openLanes(pipeline: LanesPipeline): Promise<LanesLine> {
  const { queues, watchdogMs = 1000, routes, ...rest } = pipeline;
  checkQueues(queues);
  checkWatchdog(watchdogMs);
  checkKeys({ ...rest, ...(routes === undefined ? {} : { routes }) });
  if (rest.filters !== undefined && !Array.isArray(rest.filters)) {
    throw new TypeError('Cannot open a line: filters must be a list');
  }
  if ('record' in rest && rest.record !== undefined) {
    throw new TypeError('Cannot open a line with record and queues: a record belongs to one thread: leave queues out');
  }
  const wanted = (rest.filters ?? []).map(wantedOf);
  const wish = wishOf(rest);
  checkEngine(wish);
  const declared = devicePorts(rest.ports, queues);
  checkRouteNames(
    declared.map(([name]) => name),
    routes,
  );
  const log = sayTo(rest.log ?? logToStderr);
  sayCores(queues, log);
  const ports: LanePort[] = [];
  try {
    for (const port of declared) ports.push(await LanePort.open(ports.length, port, queues));
    const open = ports.map((port) => port.open);
    checkNames(open);
    open.forEach(checkHeader);
    const watch = new PortWatch(
      open,
      layoutOf(open).pools.map(({ plan }) => roomOf(plan)),
      log,
    );
    const portsOf = (lane: number) => ports.map((port) => port.handOver(lane));
    const plan = { portsOf, routes: resolveRoutes(open, routes), wish, watchdogMs };
    const line = new RunningLanes({ ports, queues, plan, watch, log });
    await line.open(wanted);
    return line;
  } catch (error) {
    for (const port of ports) port.close();
    throw error;
  }
}

const MOST_QUEUES = 64;
const WATCHDOG_MS = { least: 100, most: 600_000 };

/** @throws {RangeError} for what is no number of lanes */
export function checkQueues(queues: unknown): void {
  if (Number.isInteger(queues) && (queues as number) >= 1 && (queues as number) <= MOST_QUEUES) return;
  throw new RangeError(
    `Cannot open a line with queues ${inspect(queues)}: expected a whole number from 1 to ${MOST_QUEUES}`,
  );
}

function checkWatchdog(watchdogMs: unknown): void {
  const { least, most } = WATCHDOG_MS;
  if (typeof watchdogMs === 'number' && watchdogMs >= least && watchdogMs <= most) return;
  throw new RangeError(`Cannot open a line with watchdogMs ${inspect(watchdogMs)}: expected ${least} to ${most}`);
}

function sayCores(queues: number, log: (text: string) => void): void {
  const cores = availableParallelism();
  if (queues > cores)
    log(`${queues} lanes share ${cores} ${cores === 1 ? 'core' : 'cores'}: more lanes than cores are no faster`);
}
