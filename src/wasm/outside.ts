import * as L from '../../assembly/layout.ts';
import type { StageHost } from '../filter/stage.ts';

/** Says once that a filter looks behind its window, and what helps. */
export class OutsideNotice {
  readonly #view: DataView;
  /** Address of the low word of the counter that `settle` keeps. */
  readonly #counter: number;
  readonly #say: (message: string) => void;
  readonly #window: number;
  #isSaid = false;

  constructor({ arena, stage }: StageHost, window: number, say: (message: string) => void) {
    this.#view = arena.view;
    this.#counter = L.STAGES_OFFSET + stage * L.STAGE_BYTES + L.STAGE_OUTSIDE;
    this.#window = window;
    this.#say = say;
  }

  /** Looks at what came of the batches so far. */
  check(): void {
    if (this.#isSaid || this.#view.getUint32(this.#counter, true) === 0) return;
    this.#isSaid = true;
    this.#say(
      `it asks for fields behind the first ${this.#window} bytes of a frame, which are all that it sees: raise window in its manifest`,
    );
  }
}
