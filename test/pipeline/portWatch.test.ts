import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TaplineError } from '../../src/index.ts';
import type { Device } from '../../src/device/device.ts';
import type { OpenPort } from '../../src/pipeline/ports.ts';
import { PortWatch } from '../../src/pipeline/portWatch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watch over one device of which a test says what the kernel knows. */
function watched(kernel: { dropped: number; mtu: number; hasFilter?: boolean; error?: Error }) {
  const answer = <T>(value: T): T => {
    if (kernel.error !== undefined) throw kernel.error;
    return value;
  };
  const device = {
    name: 'lan0',
    get hasFilter() {
      return kernel.hasFilter ?? false;
    },
    statistics: () => answer({ tx: { dropped: kernel.dropped } }),
    mtu: () => answer(kernel.mtu),
  } as Device;
  const port: Partial<OpenPort> = { number: 0, name: 'lan', target: device };
  const log: string[] = [];
  return { log, watch: new PortWatch([port as OpenPort], [1500], (message) => log.push(message)) };
}

it('counts what the kernel dropped since the line was opened, and says so once', () => {
  const kernel = { dropped: 100, mtu: 1500 };
  const { watch, log } = watched(kernel);
  watch.start();
  vi.advanceTimersByTime(5000);
  expect([watch.dropped(0), log]).toEqual([0, []]);
  kernel.dropped = 107;
  vi.advanceTimersByTime(5000);
  expect(watch.dropped(0)).toBe(7);
  expect(log).toHaveLength(1);
  expect(log[0]).toMatch(/^port lan: .* 7 up to now: raise its txQueueLength .*lan0/);
  kernel.dropped = 110;
  watch.stop();
  expect([watch.dropped(0), log.length]).toEqual([10, 1]);
  kernel.dropped = 200;
  vi.advanceTimersByTime(5000);
  expect(watch.dropped(0)).toBe(10);
});

it('counts what a filter in the kernel refuses, and gives no advice on the queue while there is one', () => {
  const kernel = { dropped: 0, mtu: 1500, hasFilter: true };
  const { watch, log } = watched(kernel);
  kernel.dropped = 7;
  watch.look();
  expect([watch.dropped(0), log]).toEqual([7, []]);
  kernel.hasFilter = false;
  watch.look();
  expect(log).toEqual([expect.stringContaining('raise its txQueueLength')]);
});

it('says once that the MTU was raised beyond what there is room for, and not that it was lowered', () => {
  const kernel = { dropped: 0, mtu: 1500 };
  const { watch, log } = watched(kernel);
  watch.start();
  for (const mtu of [1400, 1500, 1501, 9000]) {
    kernel.mtu = mtu;
    vi.advanceTimersByTime(2000);
  }
  watch.stop();
  expect(log).toEqual([expect.stringMatching(/^port lan: its MTU was raised to 1501, .* more than 1500 bytes/)]);
});

it('keeps what it knows of a device that answers no more, and hides no mistake of ours', () => {
  const kernel: Parameters<typeof watched>[0] = { dropped: 1, mtu: 1500 };
  const { watch } = watched(kernel);
  kernel.dropped = 4;
  watch.look();
  kernel.error = new TaplineError('DEVICE_GONE', 'gone');
  watch.look();
  expect(watch.dropped(0)).toBe(3);
  kernel.error = new TypeError('not a condition');
  expect(() => {
    watch.look();
  }).toThrow('not a condition');
});

it('leaves a device alone that did not answer at the start', () => {
  const { watch } = watched({ dropped: 9, mtu: 1500, error: new TaplineError('NETNS', 'elsewhere') });
  watch.look();
  expect(watch.dropped(0)).toBe(0);
});
