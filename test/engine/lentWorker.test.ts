import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Loan, SharedMemory, SlotPlaces } from '../../src/engine/lent/lent.ts';
import type { FdPort } from '../../src/engine/readloop.ts';
import { lendEngine } from '../../src/pipeline/lentEngine.ts';

const SCRIPT = fileURLToPath(new URL('support/lentSuite.js', import.meta.url));

/** What the worker asks for. */
type Question =
  | { readonly verb: 'lend'; memory: SharedMemory; readonly places: Places; readonly ports: readonly FdPort[] }
  | { readonly verb: 'bury' }
  | { readonly verb: 'result'; readonly name: string; readonly failure: string | undefined };

interface Places {
  readonly addresses: readonly number[];
  readonly strides: readonly number[];
  readonly readOffsets: readonly number[];
  readonly readBytes: readonly number[];
}

describe('an engine that is lent keeps the contract in a worker', () => {
  it.each([
    ['uring', 0],
    ['uring', 200],
    ['readloop', 0],
  ] as const)('%s, busy polling for %i µs', async (engine, busyPoll) => {
    const worker = new Worker(SCRIPT, { workerData: { busyPoll } });
    const results: [name: string, failure: string | undefined][] = [];
    let loan: Loan | undefined;
    const answer = async (question: Question): Promise<unknown> => {
      if (question.verb === 'result') results.push([question.name, question.failure]);
      if (question.verb === 'bury') loan?.bury();
      if (question.verb !== 'lend') return undefined;
      const { memory, places, ports } = question;
      ({ loan } = await lendEngine(placesOf(places), memory, ports, { engine }));
      return loan.handle;
    };
    worker.on('message', (question: Question) => {
      void answer(question).then((reply) => {
        worker.postMessage(reply);
      });
    });
    await new Promise((resolve, reject) => {
      worker.once('exit', resolve).once('error', reject);
    });
    expect(results.filter(([, failure]) => failure !== undefined)).toEqual([]);
    expect(results.length).toBeGreaterThan(15);
  });
});

function placesOf({ addresses, strides, readOffsets, readBytes }: Places): SlotPlaces {
  return {
    slotCount: addresses.length,
    address: (slot) => addresses[slot] ?? 0,
    stride: (slot) => strides[slot] ?? 0,
    readOffset: (port) => readOffsets[port] ?? 0,
    readBytes: (port) => readBytes[port] ?? 0,
  };
}
