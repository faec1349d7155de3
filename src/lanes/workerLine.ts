import { assemble } from '../pipeline/assemble.ts';
import type { OpenPort } from '../pipeline/ports.ts';
import type { RunningLine } from '../pipeline/runningLine.ts';
import { takeOver } from '../pipeline/handedPort.ts';
import { copyOf } from './copy.ts';
import { type ItemOrder, itemOf } from './items.ts';
import type { LaneOrder, LaneVerbs, Report } from './messages.ts';
import { toSend } from './sentError.ts';

/**
 * Makes the line of a lane, in its worker: an ordinary line over queues of devices that another thread owns.
 *
 * @param tell sends a report
 * @param leave ends the worker; called when the line has ended
 */
export async function openWorkerLine(
  order: LaneOrder,
  tell: (report: Report) => void,
  leave: () => void,
): Promise<LaneVerbs> {
  /** Filters whose exchange this lane has taken back by itself. */
  const back = new Set<string>();
  const { lane, routes, engine, busyPoll, lent } = order;
  const made: { line?: RunningLine } = {};
  const tellRows = (): void => {
    if (made.line !== undefined) tell({ kind: 'rows', rows: made.line.filters.rows() });
  };
  const line = await assemble({
    ports: order.ports.map((port) => takenOver(port, tell)),
    routes,
    filters: await Promise.all(order.filters.map((item) => itemOf(item, lane))),
    wish: { engine, busyPoll },
    lent,
    log: (text) => {
      tell({ kind: 'log', text });
    },
    wentBack(name, before) {
      back.add(name);
      tell({ kind: 'back', name, before });
    },
    steppedDown(port, gsoType) {
      tell({ kind: 'steppedDown', port, gsoType });
    },
    filtersChanged: tellRows,
  });
  made.line = line;
  tellRows();
  line.filters.names.forEach((name, i) => {
    restore(line, name, order.filters[i]);
  });
  return verbsOf(line, { lane, back, tell, leave });
}

function takenOver(port: LaneOrder['ports'][number], tell: (report: Report) => void): OpenPort {
  return takeOver(port, (offloads) => {
    tell({ kind: 'offloads', port: port.number, offloads });
  });
}

/** A filter that comes again is configured as it was. */
function restore(line: RunningLine, name: string, item: ItemOrder | undefined): void {
  const changes = item?.changes ?? {};
  if (Object.keys(changes).length > 0) line.filters.configure(name, changes);
}

interface Surroundings {
  readonly lane: number;
  readonly back: Set<string>;
  readonly tell: (report: Report) => void;
  readonly leave: () => void;
}

function verbsOf(line: RunningLine, { lane, back, tell, leave }: Surroundings): LaneVerbs {
  let hasEnded = false;
  let isRunning = false;
  const end = (error?: unknown): void => {
    if (hasEnded) return;
    hasEnded = true;
    tell({ kind: 'ended', summary: line.summary(), ...(error === undefined ? {} : { error: toSend(error) }) });
    leave();
  };
  return {
    run() {
      if (isRunning) return;
      isRunning = true;
      line.run().then(() => {
        end();
      }, end);
    },
    summary: () => line.summary(),
    async add(item, before) {
      const name = line.filters.add(await itemOf(item, lane), before === undefined ? {} : { before });
      restore(line, name, item);
      return name;
    },
    async replace(name, item) {
      const now = line.filters.replace(name, await itemOf(item, lane));
      back.delete(now);
      restore(line, now, item);
      return now;
    },
    revert(name) {
      if (!back.delete(name)) line.filters.revert(name);
    },
    remove(name) {
      line.filters.remove(name);
    },
    configure(name, config) {
      line.filters.configure(name, config);
    },
    state: (name) => copyOf(line.filters.state(name)),
    stepDown(port, gsoType) {
      line.stepDown(port, gsoType);
    },
    async close() {
      await line.close();
      end();
    },
  };
}
