import { StageTable } from '../../core/stageTable.ts';
import type { BindCopy, FilterSource, Stage } from '../../filter/stage.ts';
import { nativeCopies, plainCopies } from '../../pipeline/copies.ts';
import { loadLibc } from '../../sys/libc.ts';
import { fillArena } from './filledArena.ts';

/** Filters, one behind the other, over one batch of dissected packets, as a line calls them. */
export interface JudgedBatch {
  /** Packets of the batch. */
  readonly count: number;
  /** Lets each filter judge every packet: what the filters before it said has no effect. */
  judge(): void;
  close(): void;
}

export interface JudgedBatchOptions {
  /** Names of the ports that filters may redirect to. */
  readonly ports: readonly string[];
  /** Told when a filter throws, or traps. */
  readonly onFailure: (error: unknown) => void;
}

/** From one batch to the next, for filters that look at the time. */
const BATCH_NS = 1_000_000;

export async function openJudgedBatch(
  sources: readonly FilterSource[],
  frames: readonly Uint8Array[],
  { ports, onFailure }: JudgedBatchOptions,
): Promise<JudgedBatch> {
  const { arena, batch, count } = fillArena(frames);
  const table = new StageTable(arena.view);
  const bindCopy = await copies();
  const stages = sources.map((source): Stage =>
    source.open({
      ...{ arena, batch, stage: table.take(source.manifest, source.limits), bindCopy },
      portNumber: (port) => (ports.includes(port) ? ports.indexOf(port) : undefined),
      portName: (number) => ports[number] ?? '',
      reportFailure: onFailure,
      log: () => undefined,
    }),
  );
  let now = 0;
  return {
    count,
    judge() {
      now += BATCH_NS;
      for (const stage of stages) stage.judge(count, now);
    },
    close() {
      for (const stage of stages) stage.close();
    },
  };
}

/** As a line between devices copies; where there can be none, as a line between queues does. */
async function copies(): Promise<BindCopy> {
  try {
    return nativeCopies(await loadLibc());
  } catch {
    return plainCopies;
  }
}
