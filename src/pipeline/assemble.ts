import { NO_PORT } from '../../assembly/layout.ts';
import { Arena } from '../core/arena.ts';
import { Batch } from '../core/batch.ts';
import type { ArenaMemory } from '../core/core.ts';
import type { EngineHandle } from '../engine/lent/lent.ts';
import type { ChainItem } from '../filter/guarded.ts';
import type { BindCopy } from '../filter/stage.ts';
import { loadLibc } from '../sys/libc.ts';
import { Breath, type BreathPort } from './breath.ts';
import { Chain } from './chain.ts';
import type { Routes } from './declaration.ts';
import { nativeCopies, plainCopies } from './copies.ts';
import { type ChosenEngine, type EngineWish, devicesOf, openEngine } from './engine.ts';
import type { CaptureFilePort } from './file.ts';
import { LineCaptures } from './lineCaptures.ts';
import { LineFile } from './lineFile.ts';
import { adoptEngine } from './lentEngine.ts';
import { LineOffloads } from './lineOffloads.ts';
import { beginCaptures, recorderOf } from './openCaptures.ts';
import { poolPlans, roomOf, segmentPlan } from './pools.ts';
import { type OpenPort, isDeviceTarget } from './ports.ts';
import { PortWatch } from './portWatch.ts';
import { resolveRoutes } from './routes.ts';
import { RunningLine } from './runningLine.ts';
import { talliesIn } from './tally.ts';

/** What another thread has made for a line over devices, and keeps when it ends. */
export interface LentParts {
  /** Of `layoutOf` the same ports; new. */
  readonly memory: ArenaMemory;
  readonly engine: EngineHandle;
  /** Of `tallyMemory`. */
  readonly tallies: SharedArrayBuffer;
}

/** What a line is made of, once its ports are open. */
export interface LineParts {
  readonly ports: readonly OpenPort[];
  readonly routes: Routes | undefined;
  readonly filters: readonly ChainItem[];
  readonly record?: CaptureFilePort | undefined;
  readonly wish: EngineWish;
  /** Default: the line makes it itself, and it ends with the line. */
  readonly lent?: LentParts;
  readonly log: (message: string) => void;
  /** Hears that a filter failed soon behind its exchange, and that the one before is back. */
  readonly wentBack?: (name: string, before: string) => void;
  /** Hears that filters have come or gone. */
  readonly filtersChanged?: () => void;
  /** Hears that the kernel refused a super-packet for a port, which goes on without its kind. */
  readonly steppedDown?: (port: number, gsoType: number) => void;
}

/**
 * Makes a line of its parts: arena, engine, filters, breath. The interfaces of its devices go up last. If anything fails,
 * what was made is closed again; ports are left to the caller.
 */
export async function assemble(parts: LineParts): Promise<RunningLine> {
  const { ports, log } = parts;
  const routes = resolveRoutes(ports, parts.routes);
  const offloads = new LineOffloads(ports);
  const plans = poolPlans(ports, offloads.masks);
  const watch = new PortWatch(ports, plans.map(roomOf), log);
  const arena = new Arena(plans, segmentPlan(ports, offloads.masks), parts.lent?.memory);
  const batch = new Batch(arena);
  setRoutes(arena, ports, routes);
  const inputs = inputsOf(ports, routes);
  const isPatient = inputs.every(isFile);
  const record = beginCaptures(ports, parts.record, isPatient, log);
  const closers: (() => void)[] = [];
  try {
    const { engine, reason } = await engineOf(parts, arena, isPatient);
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
        wentBack: parts.wentBack ?? (() => undefined),
        changed: parts.filtersChanged ?? (() => undefined),
      },
      parts.filters,
    );
    closers.push(() => {
      chain.close();
    });
    const stepDown = (port: number, gsoType: number): boolean => {
      const given = offloads.stepDown(arena, port, gsoType);
      if (given.length > 0) log(refusalText(ports[port]?.name ?? '', given));
      return given.length > 0;
    };
    const breath = new Breath(arena, batch, engine, chain, ports.map(breathPort), {
      ...(parts.lent === undefined ? {} : { tallies: talliesIn(parts.lent.tallies) }),
      recorder: record && recorderOf(record, ports, { arena, batch, chain }, isPatient),
      isReplay: ports.every((port) => isFile(port) || !port.gives),
      onRefused(port, gsoType) {
        if (stepDown(port, gsoType)) parts.steppedDown?.(port, gsoType);
      },
    });
    for (const { target, takesUp } of ports) if (takesUp && 'setUp' in target) target.setUp(true);
    const captures = new LineCaptures(ports, inputs, record);
    return new RunningLine(engine, reason, chain, breath, ports, { offloads, stepDown, watch, captures, inputs });
  } catch (error) {
    for (const close of closers) close();
    await record?.close();
    throw error;
  }
}

/** The engine of a line: its own, or the one that it was lent. */
async function engineOf({ ports, wish, lent }: LineParts, arena: Arena, isPatient: boolean): Promise<ChosenEngine> {
  if (lent === undefined) return openEngine(arena, ports, wish, isPatient);
  return { engine: await adoptEngine(arena, devicesOf(ports), lent.engine, wish), reason: undefined };
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
  const { number, headerBytes, target } = port;
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
