import type { Summary } from '../../pipeline/summary.ts';
import { summaryText } from '../run/summaryText.ts';
import { say } from '../output.ts';

/** Shows counters while packets flow. */
export interface LiveView {
  /** Stops showing, and takes away what was drawn. */
  stop(): void;
}

/** On a terminal the counters are drawn again and again in one place; elsewhere they are a line a second. */
export function showLive(summary: () => Summary): LiveView {
  return process.stderr.isTTY ? redraw(summary) : lines(summary);
}

const REDRAW_MS = 200;
const LINE_MS = 1_000;

function redraw(summary: () => Summary): LiveView {
  let height = 0;
  const erase = (): string => (height === 0 ? '' : `\x1b[${height}A\x1b[J`);
  const draw = (): void => {
    const text = summaryText(summary()).split('\n');
    const width = process.stderr.columns;
    process.stderr.write(`${erase()}${text.map((line) => line.slice(0, width - 1)).join('\n')}\n`);
    height = text.length;
  };
  return every(REDRAW_MS, draw, () => {
    process.stderr.write(erase());
  });
}

function lines(summary: () => Summary): LiveView {
  const start = performance.now();
  return every(
    LINE_MS,
    () => {
      const { read, forwarded, dropped, lost } = summary();
      const seconds = ((performance.now() - start) / 1000).toFixed(0);
      say(`${seconds} s: ${read} read, ${forwarded} forwarded, ${dropped} dropped, ${lost} lost`);
    },
    () => undefined,
  );
}

function every(milliseconds: number, draw: () => void, end: () => void): LiveView {
  const timer = setInterval(draw, milliseconds);
  return {
    stop() {
      clearInterval(timer);
      end();
    },
  };
}
