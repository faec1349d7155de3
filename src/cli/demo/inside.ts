import { TaplineError } from '../../errors.ts';
import { type DevicePort, tap } from '../../pipeline/declaration.ts';
import { openPipeline } from '../../pipeline/open.ts';
import type { Line } from '../../pipeline/line.ts';
import { EXIT_FAILURE, EXIT_OK } from '../exitCodes.ts';
import { drained, guardOutput, print, say } from '../output.ts';
import { demoFilters } from './filters.ts';
import { showLive } from './live.ts';
import { type Machine, startMachine } from './machine.ts';
import type { Outcome } from './outcome.ts';
import { report } from './report.ts';
import { LEFT_ADDRESS, RIGHT_ADDRESS } from './traffic.ts';

/**
 * The demo itself, in a network namespace of its own. It is a program; `devices.ts` starts it, and cutting the channel to
 * it ends it.
 *
 * @module
 */

/** What the demo tells the one who started it. */
export interface InsideMessage {
  /** Why there can be no devices here. */
  readonly impossible: string;
}

const stopped = new AbortController();
process.on('disconnect', () => {
  stopped.abort();
});
// The channel may have been cut while this module was loaded.
if (!process.connected) stopped.abort();

guardOutput();
const code = await runDemo();
await drained();
process.exit(code);

async function runDemo(): Promise<number> {
  const machines: Machine[] = [];
  try {
    stopped.signal.throwIfAborted();
    const [left, right] = await Promise.all([startMachine('left'), startMachine('right')]);
    machines.push(left, right);
    stopped.signal.throwIfAborted();
    return await withLine(left, right);
  } catch (error) {
    if (stopped.signal.aborted) return EXIT_FAILURE;
    if (error instanceof TaplineError && isImpossible(error)) {
      await tell({ impossible: error.message });
    } else say(`tapline: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT_FAILURE;
  } finally {
    await Promise.all(machines.map((machine) => machine.close()));
  }
}

async function withLine(left: Machine, right: Machine): Promise<number> {
  const line = await openPipeline({
    ports: { left: port(left, LEFT_ADDRESS), right: port(right, RIGHT_ADDRESS) },
    filters: demoFilters,
  });
  const running = line.run({ signal: stopped.signal });
  try {
    const outcome = await Promise.race([traffic(line, left, right), running.then(() => null)]);
    if (outcome === null) return EXIT_FAILURE;
    const { text, holds } = report(outcome);
    print(text);
    return holds ? EXIT_OK : EXIT_FAILURE;
  } finally {
    await line.close();
  }
}

function port(machine: Machine, address: string): DevicePort {
  return tap('demo0', { netns: machine.pid, addresses: [`${address}/24`] });
}

async function traffic(line: Line, left: Machine, right: Machine): Promise<Outcome> {
  const view = showLive(() => line.summary());
  try {
    const [leftAnswer, rightAnswer] = [await left.ask('go'), await right.ask('report')];
    if (leftAnswer.kind !== 'left' || rightAnswer.kind !== 'right')
      throw new Error('the machines of the demo are mixed up');
    return { left: leftAnswer.report, right: rightAnswer.report, summary: line.summary(), engine: line.engine };
  } finally {
    view.stop();
  }
}

function tell(message: InsideMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => {
      resolve();
    });
  });
}

/** Conditions of the system, as against defects: there can be no devices here. */
function isImpossible({ code }: TaplineError): boolean {
  return ['NOT_SUPPORTED', 'NO_TUN_NODE', 'PERMISSION', 'NETNS'].includes(code);
}
