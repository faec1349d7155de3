import { NO_PORT } from '../../assembly/layout.ts';
import { Arena } from '../core/arena.ts';
import { Batch } from '../core/batch.ts';
import { type ChainItem, checkedItem } from '../filter/guarded.ts';
import type { BindCopy } from '../filter/stage.ts';
import { suggest } from '../suggest.ts';
import { loadLibc } from '../sys/libc.ts';
import { Breath, type BreathPort } from './breath.ts';
import { Chain } from './chain.ts';
import type { Pipeline, Routes } from './declaration.ts';
import { nativeCopies, plainCopies } from './copies.ts';
import { type EngineWish, checkEngine, openEngine } from './engine.ts';
import type { Line } from './line.ts';
import { LineCaptures } from './lineCaptures.ts';
import { LineFile } from './lineFile.ts';
import { LineOffloads } from './lineOffloads.ts';
import { abandonCaptures, beginCaptures, recorderOf } from './openCaptures.ts';
import { poolPlans, roomOf, segmentPlan } from './pools.ts';
import {
  type OpenPort,
  checkHeader,
  closePorts,
  isCapture,
  isDeviceTarget,
  namedPorts,
  openPort,
  withLinks,
} from './ports.ts';
import { PortWatch } from './portWatch.ts';
import { checkRouteNames, resolveRoutes } from './routes.ts';
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
    return await assemble(pipeline, withLinks(ports), filters);
  } catch (error) {
    closePorts(ports, declared);
    await abandonCaptures(ports);
    throw error;
  }
}

const KEYS = ['ports', 'routes', 'filters', 'record', 'engine', 'busyPoll', 'log'];

function checkKeys(pipeline: Pipeline): void {
  for (const key of Object.keys(pipeline)) {
    if (!KEYS.includes(key)) throw new TypeError(`Cannot open a line with '${key}'${suggest(key, KEYS)}`);
  }
  if (pipeline.log !== undefined && typeof pipeline.log !== 'function') {
    throw new TypeError('Cannot open a line: log must be a function');
  }
  const record: unknown = pipeline.record;
  if (record !== undefined && !(isCapture(record) && record.kind === 'capture')) {
    throw new TypeError('Cannot open a line: record must be a capture(…)');
  }
}

function wishOf({ engine = 'auto', busyPoll = 0 }: Pipeline): EngineWish {
  return { engine, busyPoll };
}

/** What a mistake in the list would cost is found out before a device is opened. */
function checkedFilters(filters: Pipeline['filters']): ChainItem[] {
  if (!Array.isArray(filters)) throw new TypeError('Cannot open a line: filters must be a list');
  return (filters as readonly unknown[]).map(checkedItem);
}

/** The kernel may have given a device the name of another port. */
function checkNames(ports: readonly OpenPort[]): void {
  const names = ports.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new TypeError(`Cannot use port ${twice} twice: give the ports names`);
}

async function assemble(pipeline: Pipeline, ports: readonly OpenPort[], filters: readonly ChainItem[]): Promise<Line> {
  const routes = resolveRoutes(ports, pipeline.routes);
  const log = sayTo(pipeline.log ?? logToStderr);
  const offloads = new LineOffloads(ports);
  const plans = poolPlans(ports, offloads.masks);
  const watch = new PortWatch(ports, plans.map(roomOf), log);
  const arena = new Arena(plans, segmentPlan(ports, offloads.masks));
  const batch = new Batch(arena);
  setRoutes(arena, ports, routes);
  const inputs = inputsOf(ports, routes);
  const isPatient = inputs.every(isFile);
  const record = beginCaptures(ports, pipeline.record, isPatient, log);
  const closers: (() => void)[] = [];
  try {
    const { engine, reason } = await openEngine(arena, ports, wishOf(pipeline), isPatient);
    closers.push(() => {
      engine.close();
    });
    const numbers = new Map(ports.map(({ name, number }) => [name, number]));
    const chain = new Chain(
      {
        arena,
        batch,
        portNumber: (name) => numbers.get(name),
        portName: (number) => ports[number]?.name ?? '',
        log,
        bindCopy: await copyBinder(ports),
      },
      filters,
    );
    closers.push(() => {
      chain.close();
    });
    const breath = new Breath(arena, batch, engine, chain, ports.map(breathPort), {
      recorder: record && recorderOf(record, ports, { arena, batch, chain }, isPatient),
      isReplay: ports.every((port) => isFile(port) || !port.gives),
      onRefused(port, gsoType) {
        const given = offloads.stepDown(arena, port, gsoType);
        if (given.length > 0) log(refusalText(ports[port]?.name ?? '', given));
      },
    });
    for (const { target, takesUp } of ports) if (takesUp && isDeviceTarget(target)) target.setUp(true);
    const captures = new LineCaptures(ports, inputs, record);
    return new RunningLine(engine, reason, chain, breath, ports, { offloads, watch, captures, inputs });
  } catch (error) {
    for (const close of closers) close();
    await record?.close();
    throw error;
  }
}

/** A line with devices has the C library; one between queues and files needs none. */
async function copyBinder(ports: readonly OpenPort[]): Promise<BindCopy> {
  return ports.some(({ target }) => isDeviceTarget(target)) ? nativeCopies(await loadLibc()) : plainCopies;
}

function refusalText(port: string, offloads: readonly string[]): string {
  return `port ${port}: the kernel refused a super-packet that it had agreed to: going on without ${offloads.join(', ')}`;
}

function isFile({ target }: OpenPort): boolean {
  return target instanceof LineFile;
}

function breathPort(port: OpenPort): BreathPort {
  const { number, headerBytes } = port;
  const { target } = port;
  return { number, headerBytes, isFile: isFile(port), ...(target instanceof LineFile ? { fileMtu: target.mtu } : {}) };
}

/** The ports that have a route; where none has, all by which packets come in. */
function inputsOf(ports: readonly OpenPort[], routes: Routes): OpenPort[] {
  const giving = ports.filter(({ gives }) => gives);
  const routed = giving.filter(({ name }) => Object.hasOwn(routes, name));
  return routed.length > 0 ? routed : giving;
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
