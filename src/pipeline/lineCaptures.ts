import type { LineCapture } from './lineCapture.ts';
import { LineFile } from './lineFile.ts';
import { capturesOf } from './openCaptures.ts';
import type { OpenPort } from './ports.ts';
import type { PortSummary, Summary } from './summary.ts';

/** The capture files of a line that runs: those it reads, those it writes, and the record of all that comes in. */
export class LineCaptures {
  readonly #ports: readonly OpenPort[];
  readonly #record: LineCapture | undefined;
  /** Those that are written somewhere. */
  readonly #written: readonly LineCapture[];
  /** Whether packets come from files only, and go to captures only. */
  readonly #isClosed: boolean;

  /** @param inputs the ports for which the line runs */
  constructor(ports: readonly OpenPort[], inputs: readonly OpenPort[], record: LineCapture | undefined) {
    this.#ports = ports;
    this.#record = record;
    const captures = capturesOf(ports);
    this.#written = [...captures, ...(record === undefined ? [] : [record])].filter(({ writer }) => writer);
    const isRead = inputs.every(({ target }) => target instanceof LineFile);
    this.#isClosed = isRead && ports.filter(({ takes }) => takes).length === captures.length;
  }

  /** Whether files are read for nobody, since those who read the captures along have gone. */
  get isUnwanted(): boolean {
    if (!this.#isClosed || this.#written.length === 0) return false;
    return this.#written.every(({ isReaderGone }) => isReaderGone);
  }

  /** Why a file could not be read to its end. */
  get failure(): Error | undefined {
    for (const { target } of this.#ports) {
      if (target instanceof LineFile && target.failure !== undefined) return target.failure;
    }
    return undefined;
  }

  /** Hands what was captured so far to the system. */
  async flush(): Promise<void> {
    await Promise.all(this.#written.map((capture) => capture.flush()));
  }

  /** Takes as long as the disk does. A capture that stopped earlier was reported then. Returns the first failure. */
  async close(): Promise<Error | undefined> {
    const results = await Promise.allSettled(this.#written.map((capture) => capture.close()));
    const failed = results.find((result) => result.status === 'rejected');
    return failed === undefined ? undefined : (failed.reason as Error);
  }

  /** What only ports of capture files have in the summary. */
  ofPort({ target }: OpenPort): Pick<PortSummary, 'skipped' | 'capture'> {
    if (target instanceof LineFile) return { skipped: target.skipped() };
    const capture = capturesOf([{ target }])[0]?.summary();
    return capture === undefined ? {} : { capture };
  }

  /** What only lines with a record have. */
  ofLine(): Pick<Summary, 'record'> {
    const record = this.#record?.summary();
    return record === undefined ? {} : { record };
  }
}
