import { describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/reader.ts';
import { filler, interfaceBlock, join, packetBlock, pcapHeader, pcapRecord, section } from './support/build.ts';
import { offsetIn } from './support/readAll.ts';
import { generatedSource } from './support/sources.ts';

const GIBIBYTE = 2 ** 30;

describe('a capture of more than 4 GiB', () => {
  for (const [format, head, record] of [
    ['pcap', pcapHeader({ snapLength: 262_144 }), pcapRecord(filler(262_128))],
    ['pcapng', join(section(), interfaceBlock()), packetBlock(filler(262_112))],
  ] as const) {
    it(`is read to its end, in ${format}, and offsets in errors are right there`, async () => {
      // Pieces of the same bytes: nothing but the window is in memory.
      const count = Math.ceil((4.25 * GIBIBYTE) / record.length);
      const before = process.memoryUsage().rss;
      let made = -1;
      const source = generatedSource(() => {
        made++;
        return made === 0 ? head : made <= count ? record : made === count + 1 ? filler(9) : null;
      });
      const reader = await openCapture(source);
      for (let i = 0; i < count; i++) if (!reader.next()) throw new Error(`There is no packet ${i}`);
      const end = head.length + count * record.length;
      expect(reader.offset).toBe(end);
      expect(end).toBeGreaterThan(4 * GIBIBYTE);
      expect(() => reader.next()).toThrow(/it ends within/);
      expect(offsetIn(reader.failure?.message ?? '')).toBe(end);
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
    });
  }
});
