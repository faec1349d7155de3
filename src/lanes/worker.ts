import { workerData } from 'node:worker_threads';
import type { LaneData, LaneVerbs, Question, Report } from './messages.ts';
import { toSend } from './sentError.ts';
import { openWorkerLine } from './workerLine.ts';

// The worker of a lane: makes its line, answers questions, and ends when the line has ended.

/** Time for what was said last, and what filters have printed. */
const LEAVE_MS = 100;

const { port, ...order } = workerData as LaneData;
// Filters are loaded later: what is theirs to find is no way to speak for the lane, and no memory that the kernel writes to.
for (const key of ['port', ...Object.keys(order)])
  if (key !== 'lane') Reflect.deleteProperty(workerData as object, key);

const pulse = setInterval(() => {
  Atomics.add(order.pulse, 0, 1);
}, order.pulseMs);

function tell(report: Report): void {
  port.postMessage(report);
}

/** What a filter has left running does not keep the thread. */
function leave(): void {
  clearInterval(pulse);
  port.close();
  setTimeout(() => process.exit(), LEAVE_MS).unref();
}

/** What a verb returns or throws, now or later. */
function answer(verbs: LaneVerbs, { verb, parameters }: Question): Promise<unknown> {
  const act = verbs[verb] as (...parameters: readonly unknown[]) => unknown;
  return new Promise((resolve) => {
    resolve(act(...parameters));
  });
}

openWorkerLine(order, tell, leave).then(
  (verbs) => {
    port.on('message', (question: Question) => {
      const { id } = question;
      answer(verbs, question)
        .then((value) => {
          tell({ kind: 'answer', id, value });
        })
        // Also where a filter's state is nothing that can be sent.
        .catch((error: unknown) => {
          tell({ kind: 'answer', id, error: toSend(error) });
        });
    });
    // The first packets may be waiting: a filter that never returns from them is missed from here on.
    Atomics.add(order.pulse, 0, 1);
    tell({ kind: 'ready' });
  },
  (error: unknown) => {
    tell({ kind: 'refused', error: toSend(error) });
    leave();
  },
);
