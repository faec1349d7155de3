import type { Pipeline } from '../../pipeline/declaration.ts';
import { capture, discard, file } from '../../pipeline/file.ts';
import type { Given } from '../given.ts';
import { drive } from '../run/drive.ts';
import { withFilters } from '../run/run.ts';
import { listenForSignals } from '../run/signals.ts';
import { type ReplayPlan, planOf } from './plan.ts';
import { showProgress } from './progress.ts';

/**
 * `tapline replay`: a line from a capture file to another one, to a device, or to nowhere.
 *
 * @returns the exit code
 */
export async function replay(given: Given): Promise<number> {
  const stopper = listenForSignals();
  const plan = planOf(given);
  return drive(() => pipelineOf(plan), stopper, {
    json: plan.json,
    // A capture is read by one thread.
    onStart: (line) => ('queues' in line ? undefined : showProgress(line, process.stderr)),
  });
}

/** That of Ethernet. */
const SEGMENT_MTU = 1500;

/** Only one way: what a device sends is counted, judged, and goes nowhere. */
function pipelineOf(plan: ReplayPlan): Promise<Pipeline> {
  const { source, speed, filters, settings, device, write, record, isCut } = plan;
  const written = isCut ? ({ superPackets: 'segments' } as const) : {};
  const out = device ?? (write === undefined ? discard() : capture(write, written));
  const base: Pipeline = {
    ports: { in: file(source, { speed, ...(isCut ? { mtu: SEGMENT_MTU } : {}) }), out },
    routes: { in: 'out' },
    ...(record === undefined ? {} : { record: capture(record) }),
  };
  return withFilters(base, filters, settings);
}
