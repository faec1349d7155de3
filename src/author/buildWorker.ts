import { parentPort } from 'node:worker_threads';
import { build } from './build.ts';
import type { BuildAnswer, BuildRequest } from './builder.ts';

// The compiler's own thread: it takes its time there, and keeps what it has learnt.

parentPort?.on('message', ({ id, folder, targets }: BuildRequest) => {
  build(folder, { targets }).then(
    ({ warnings }) => {
      answer({ id, warnings });
    },
    (error: unknown) => {
      answer({ id, error: error instanceof Error ? error.message : String(error) });
    },
  );
});

function answer(message: BuildAnswer): void {
  parentPort?.postMessage(message);
}
