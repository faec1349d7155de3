import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Summary, discard, file, openPipeline } from '../../src/index.ts';
import { isCorpusMissing, readCorpus } from '../capture/support/corpus.ts';
import { inFolder } from '../capture/support/folder.ts';
import { offsetIn, readAll } from '../capture/support/readAll.ts';
import { expectBalance } from './support/lines.ts';

/** What became of a capture: packets, and where it could not be read further. */
interface Fate {
  readonly packets: number;
  readonly failedAt: number | undefined;
}

async function fateInLine(path: string): Promise<Fate> {
  let line;
  try {
    line = await openPipeline({ ports: { in: file(path), out: discard() } });
  } catch (error) {
    return { packets: 0, failedAt: offsetIn((error as Error).message) };
  }
  try {
    return { packets: packetsOf(await line.run()), failedAt: undefined };
  } catch (error) {
    return { packets: packetsOf(line.summary()), failedAt: offsetIn((error as Error).message) };
  }
}

function packetsOf(summary: Summary): number {
  expectBalance(summary);
  const { linkType = 0, otherLink = 0, notIp = 0 } = summary.ports['in']?.skipped ?? {};
  return summary.read + linkType + otherLink + notIp;
}

/** A file as it is, without its end, and with some bits turned over. */
function variants(bytes: Uint8Array, seed: number): Uint8Array[] {
  const flipped = bytes.slice();
  for (let i = 0; i < 3; i++) {
    const at = (seed * 31 + i * 997) % Math.min(bytes.length, 512);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << ((seed + i) % 8));
  }
  const end = 24 + ((seed * 7919) % Math.max(1, bytes.length - 24));
  return [bytes, bytes.subarray(0, end), flipped];
}

describe.skipIf(isCorpusMissing)('a hostile capture in a line', () => {
  it('is processed as far as it can be read, and the error says where it ends', async () => {
    await inFolder(async (folder) => {
      const path = joinPath(folder, 'in');
      let seed = 0;
      let failures = 0;
      for (const { name, bytes } of readCorpus()) {
        for (const variant of variants(bytes, seed++)) {
          writeFileSync(path, variant);
          const { packets, failedAt } = await readAll(variant);
          const found = await fateInLine(path);
          if (failedAt !== undefined) failures++;
          // A link type that no line carries is refused at once.
          if (Number.isNaN(found.failedAt)) continue;
          expect(found, `${name}, variant of ${variant.length} bytes`).toEqual({ packets: packets.length, failedAt });
        }
      }
      expect(failures).toBeGreaterThan(200);
    });
  });
});
