import type { Line } from '../../pipeline/line.ts';

const INTERVAL_MS = 500;

/** The terminal that is written to. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Shows on a terminal how far a long replay is: a line that is written anew again and again. Short ones end before it
 * appears.
 *
 * @returns what ends it, and clears the line; undefined where there is no terminal
 */
export function showProgress(line: Line, stream: ProgressStream): (() => void) | undefined {
  if (stream.isTTY !== true) return undefined;
  const target = line.ports.get('in')?.target;
  let isShown = false;
  const timer = setInterval(() => {
    isShown = true;
    const progress = target !== undefined && 'progress' in target ? target.progress() : undefined;
    stream.write(`\r${progressText(progress, line.summary().read)}\x1b[K`);
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    if (isShown) stream.write('\r\x1b[K');
  };
}

/** `43 %, 1234567 packets`; of a pipe nobody knows how long it is. */
export function progressText(progress: number | undefined, packets: number): string {
  const share = progress === undefined ? '' : `${Math.floor(Math.min(1, progress) * 100)} %, `;
  return `${share}${packets} packets`;
}
