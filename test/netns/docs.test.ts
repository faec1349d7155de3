import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksOf, isLive, pages } from '../docs/blocks.ts';
import { pageFolder, runBlock } from '../docs/runBlock.ts';
import { describeLive } from './support/devices.ts';

for (const page of pages()) {
  const live = blocksOf(page).filter(isLive);
  if (live.length === 0) continue;
  describeLive(page, () => {
    let folder: ReturnType<typeof pageFolder>;
    beforeAll(() => {
      folder = pageFolder(page);
    });
    afterAll(() => {
      folder.remove();
    });
    for (const block of live) {
      it(`line ${block.line}: the block runs`, async () => {
        expect(await runBlock(block, folder.path)).toMatchObject({ code: 0 });
      });
    }
  });
}
