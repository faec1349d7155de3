import { parentPort, workerData } from 'node:worker_threads';
import type { LaneOrder, LaneVerbs, Question, Report } from './messages.ts';
import { toSend } from './sentError.ts';
import { openWorkerLine } from './workerLine.ts';

// The worker of a lane: makes its line, answers questions, and ends when the line has ended.

/** Time for what was said last, and what filters have printed. */
const LEAVE_MS = 100;

const order = workerData as LaneOrder;
const pulse = setInterval(() => {
  Atomics.add(order.pulse, 0, 1);
}, order.pulseMs);

function tell(report: Report): void {
  parentPort?.postMessage(report);
}

/** What a filter has left running does not keep the thread. */
function leave(): void {
  clearInterval(pulse);
  parentPort?.close();
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
    parentPort?.on('message', (question: Question) => {
      const { id } = question;
      answer(verbs, question).then(
        (value) => {
          tell({ kind: 'answer', id, value });
        },
        (error: unknown) => {
          tell({ kind: 'answer', id, error: toSend(error) });
        },
      );
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
