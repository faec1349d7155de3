import { Worker } from 'node:worker_threads';
import { TaplineError } from '../errors.ts';
import type { Target } from './compile.ts';

export interface BuildRequest {
  readonly id: number;
  readonly folder: string;
  readonly targets: readonly Target[];
}

export interface BuildAnswer {
  readonly id: number;
  readonly warnings?: string;
  readonly error?: string;
}

/** Builds in a thread of its own, so that a line goes on meanwhile; the second build is faster than the first. */
export interface Builder {
  /**
   * Builds a package. @returns what the compiler warned of
   * @throws {TaplineError} `BAD_FILE` with the compiler's messages
   */
  build(folder: string, targets?: readonly Target[]): Promise<string>;
  close(): Promise<void>;
}

/** Opens one; the thread begins with the first build. */
export function openBuilder(): Builder {
  let worker: Worker | undefined;
  let next = 0;
  return {
    build(folder, targets = ['release']) {
      worker ??= new Worker(new URL('./buildWorker.js', import.meta.url), { stdout: true, stderr: true });
      const thread = worker;
      return ask(thread, { id: next++, folder, targets }).catch((error: unknown) => {
        // A compiler that crashed ends its thread; the next build gets a new one.
        if (error instanceof CompilerCrash) worker = undefined;
        throw error;
      });
    },
    async close() {
      await worker?.terminate();
      worker = undefined;
    },
  };
}

function ask(worker: Worker, request: BuildRequest): Promise<string> {
  return new Promise((done, fail) => {
    const settle = (finish: () => void): void => {
      worker.off('message', hear).off('exit', end).off('error', fall);
      finish();
    };
    const hear = ({ id, warnings = '', error }: BuildAnswer): void => {
      if (id !== request.id) return;
      settle(() => {
        if (error === undefined) done(warnings);
        else fail(new TaplineError('BAD_FILE', error, { path: request.folder }));
      });
    };
    const end = (): void => {
      settle(() => {
        fail(new CompilerCrash(request.folder));
      });
    };
    const fall = (cause: Error): void => {
      settle(() => {
        fail(new CompilerCrash(request.folder, cause));
      });
    };
    worker.on('message', hear).on('exit', end).on('error', fall);
    worker.postMessage(request);
  });
}

class CompilerCrash extends TaplineError {
  constructor(folder: string, cause?: Error) {
    const why = cause === undefined ? '' : `: ${cause.message}`;
    super('BAD_FILE', `Cannot compile ${folder}: the compiler crashed${why}`, { cause, path: folder });
  }
}
