import type { Batch } from '../core/batch.ts';
import type { Packet } from '../core/packet.ts';
import type { FilterContext, FilterDeclaration } from './declaration.ts';

/** Lets a filter judge the active packets from position `first` to `count` − 1. Throws what the filter throws. */
export type JudgeLoop = (
  declaration: FilterDeclaration,
  packet: Packet,
  context: FilterContext,
  batch: Batch,
  cursor: Cursor,
  first: number,
  count: number,
) => void;

/** Where the loop is: the packet at hand when a filter threw. */
export interface Cursor {
  /** Position in the list of active packets. */
  position: number;
}

/**
 * Makes a loop that belongs to one filter. V8 compiles a function for what it has seen it do: a loop that has called two
 * filters calls every one of them from outside, while a loop that knows only one has it inlined, with all fields that it
 * reads. `bench/judge.js` measures it. Where the process forbids code made of text, all filters share one loop.
 */
export function ownJudgeLoop(): JudgeLoop {
  try {
    // V8 takes functions of the same text for the same function: the number tells them apart.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- our own text
    return new Function(`return ${judgeAll.toString()}\n//# sourceURL=tapline-judge-${++copies}`)() as JudgeLoop;
  } catch (error) {
    if (error instanceof EvalError) return judgeAll;
    throw error;
  }
}

let copies = 0;

/** It is copied as text, so it knows nothing but its parameters. */
const judgeAll: JudgeLoop = function judgeAll(declaration, packet, context, batch, cursor, first, count) {
  for (let i = first; i < count; i++) {
    cursor.position = i;
    packet.at(batch.activeIndex(i));
    // The types of config and counters are the author's own; here they are whatever the manifest says.
    const verdict: unknown = declaration.filter(packet, context);
    if (verdict !== undefined) packet.decide(verdict);
  }
};
