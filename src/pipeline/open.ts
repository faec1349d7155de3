import { LINK_ETHERNET, LINK_IP, NO_PORT } from '../../assembly/layout.ts';
import { Arena, type PoolPlan } from '../core/arena.ts';
import { Batch } from '../core/batch.ts';
import { offloadNames } from '../device/offloadMask.ts';
import { suggest } from '../suggest.ts';
import { Breath } from './breath.ts';
import { Chain } from './chain.ts';
import type { Pipeline, Routes } from './declaration.ts';
import { openEngine } from './engine.ts';
import type { Line } from './line.ts';
import { negotiateOffloads } from './negotiate.ts';
import { type OpenPort, namedPorts, openPort } from './ports.ts';
import { LineQueue } from './queue.ts';
import { resolveRoutes } from './routes.ts';
import { RunningLine } from './runningLine.ts';

/** Slots of a port: two batches, one in the line and one that waits to be written. */
const SLOTS_PER_PORT = 512;
/** Longest frame of a port with TSO or USO: 64 KiB, the Ethernet header, VLAN tags, and room to see what is longer. */
const SUPER_FRAME_BYTES = 65_600;
/** Beyond the MTU: Ethernet header 14, VLAN tags, and room to see what is longer. */
const LINK_BYTES = 38;

/**
 * Opens a line: its devices, the arena, the engine, the filters. Packets move from `line.run()` on. The line closes all
 * its ports, those that were handed to it open as well. If anything fails, everything is closed again.
 *
 * @throws {TypeError} when the declaration is wrong
 * @throws {TaplineError} as `openTap` does; `ROUTE_KIND`, `ARENA_FULL`
 */
export async function openPipeline(pipeline: Pipeline): Promise<Line> {
  checkKeys(pipeline);
  const declared = namedPorts(pipeline.ports);
  const ports: OpenPort[] = [];
  try {
    for (const [name, port] of declared) ports.push(await openPort(ports.length, name, port));
    return await assemble(pipeline, ports);
  } catch (error) {
    for (const { target } of ports) if (!(target instanceof LineQueue)) target.close();
    throw error;
  }
}

const KEYS = ['ports', 'routes', 'filters', 'engine', 'log'];

function checkKeys(pipeline: Pipeline): void {
  for (const key of Object.keys(pipeline)) {
    if (!KEYS.includes(key)) throw new TypeError(`Cannot open a line with '${key}'${suggest(key, KEYS)}`);
  }
}

async function assemble(pipeline: Pipeline, ports: readonly OpenPort[]): Promise<Line> {
  const routes = resolveRoutes(ports, pipeline.routes);
  const offloads = negotiateOffloads(ports, routes);
  const masks = ports.map((port) => setOffloads(port, offloads.get(port.name) ?? 0));
  const arena = new Arena(ports.map((port, i) => poolPlan(port, masks[i] ?? 0)));
  const batch = new Batch(arena);
  setRoutes(arena, ports, routes);
  const engine = await openEngine(pipeline.engine ?? 'auto', arena, ports);
  try {
    const log = pipeline.log ?? logToStderr;
    const numbers = new Map(ports.map(({ name, number }) => [name, number]));
    const chain = new Chain(
      {
        arena,
        batch,
        portNumber: (name) => numbers.get(name),
        portName: (number) => ports[number]?.name ?? '',
        log,
      },
      pipeline.filters ?? [],
    );
    const breath = new Breath(arena, batch, engine, chain, ports);
    for (const { target, takesUp } of ports) if (takesUp && !(target instanceof LineQueue)) target.setUp(true);
    return new RunningLine(engine, chain, breath, ports, masks.map(offloadNames));
  } catch (error) {
    engine.close();
    throw error;
  }
}

/** Tells the device what of its offloads the line can use. Returns the mask that is in force. */
function setOffloads({ target, offloads }: OpenPort, wanted: number): number {
  if (target instanceof LineQueue || offloads === wanted) return wanted;
  target.setOffloads(offloadNames(wanted));
  return wanted;
}

/** What comes in needs room for what the line negotiated; what goes out may be all that the port was granted. */
function poolPlan({ number, link, headerBytes, offloads, target }: OpenPort, mask: number): PoolPlan {
  return {
    port: number,
    link: link === 'ethernet' ? LINK_ETHERNET : LINK_IP,
    headerBytes,
    frameBytes: frameBytes(target, mask),
    slots: SLOTS_PER_PORT,
    offloads,
  };
}

function frameBytes(target: OpenPort['target'], mask: number): number {
  if (target instanceof LineQueue)
    return target.options.frameBytes ?? (mask > 1 ? SUPER_FRAME_BYTES : 1500 + LINK_BYTES);
  return mask > 1 ? SUPER_FRAME_BYTES : target.mtu() + LINK_BYTES;
}

function setRoutes(arena: Arena, ports: readonly OpenPort[], routes: Routes): void {
  const numbers = new Map(ports.map(({ name, number }) => [name, number]));
  for (const { name, number } of ports) arena.setRoute(number, numbers.get(routes[name] ?? '') ?? NO_PORT);
}

function logToStderr(message: string): void {
  process.stderr.write(`tapline: ${message}\n`);
}
