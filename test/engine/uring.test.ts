import { describe, expect, it } from 'vitest';
import { NO_FAULTS } from './support/fakeKernel.ts';
import { uringWalk } from './support/uringWalk.ts';

/** Frames of each walk: TAPLINE_FRAMES=10000000 for the full count. */
const FRAMES = Number(process.env['TAPLINE_FRAMES'] ?? 200_000);
const TIMEOUT_MS = 30_000 + FRAMES / 10;
const faults = { enter: 0.02, short: 0.05, full: 0.0005, write: 0.001, read: 0.001 };

describe('Uring loses no slot', () => {
  it(
    'over a kernel that works',
    async () => {
      const { read, written, failed, readErrors } = await uringWalk(FRAMES, NO_FAULTS);
      expect({ read, failed, readErrors }).toEqual({ read: FRAMES, failed: 0, readErrors: 0 });
      expect(written).toBeGreaterThan(0.85 * FRAMES);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['full-sized rings', {}],
    ['short rings', { sizes: { submissions: 16, completions: 64 } }],
    ['short rings and few slots', { sizes: { submissions: 8, completions: 32 }, slots: 24 }],
  ])(
    'over a kernel that fails, with %s',
    async (_, options) => {
      const { read, failed, readErrors } = await uringWalk(FRAMES, faults, options);
      expect(read).toBe(FRAMES);
      expect(failed).toBeGreaterThan(0);
      expect(readErrors).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
