import { Uring, type UringOptions } from '../../../src/engine/uring/uring.ts';
import { FakeKernel, type SetupAnswers } from './fakeKernel.ts';
import { Ledger } from './ledger.ts';
import { generator } from './uringWalk.ts';

export const FRAME_BYTES = 60;

/** An engine over a made-up kernel, with two ports. */
export interface FakeUring {
  readonly kernel: FakeKernel;
  readonly ledger: Ledger;
  readonly engine: Uring;
  /** Times that ready was told. */
  readonly told: { count: number };
  /** Takes a slot, and hands it out with the next turn. */
  readonly write: (port: number, mark: number) => void;
  /** Completions of the last turn: slot and errno. The slots go back. */
  readonly done: () => [slot: number, errno: number][];
  /** Gives the slots of the last turn's frames back; returns their ports and numbers. */
  readonly frames: (count: number) => [port: number, mark: number][];
}

export async function fakeUring(
  options: UringOptions & { slots?: number; slotBytes?: number; setups?: SetupAnswers } = {},
): Promise<FakeUring> {
  const kernel = new FakeKernel(generator(1), FRAME_BYTES, options.setups ?? []);
  const ledger = new Ledger(options.slots ?? 512, options.slotBytes ?? 100);
  const ports = [0, 1].map((number) => ({ number, name: `port${number}`, fd: number }));
  const engine = await Uring.open(kernel.libc, ledger, ports, options);
  const told = { count: 0 };
  engine.start({ ready: () => told.count++ });
  const view = new DataView(ledger.bytes.buffer);
  let unsent = 0;
  return {
    kernel,
    ledger,
    engine,
    told,
    write(port, mark) {
      const slot = ledger.arena.take(port);
      ledger.move(slot, 'pool', 'writing');
      const offset = ledger.readOffset(port);
      view.setUint32(ledger.address(slot) + offset, mark, true);
      engine.outbound.set([slot, port, FRAME_BYTES, offset], 4 * unsent++);
    },
    done() {
      unsent = 0;
      return Array.from({ length: engine.doneCount }, (_, i) => {
        const [slot = -1, , , errno = -1] = engine.done.subarray(4 * i, 4 * i + 4);
        ledger.move(slot, 'writing', 'line');
        ledger.drop(slot);
        return [slot, errno];
      });
    },
    frames: (count) =>
      Array.from({ length: count }, (_, i) => {
        const [slot = -1, port = -1, , offset = 0] = engine.inbound.subarray(4 * i, 4 * i + 4);
        ledger.move(slot, 'reading', 'line');
        ledger.drop(slot);
        return [port, view.getUint32(ledger.address(slot) + offset, true)];
      }),
  };
}
