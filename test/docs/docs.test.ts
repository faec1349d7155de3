import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, fileOf, isCode, isLive, pages } from './blocks.ts';
import { pageFolder, runBlock } from './runBlock.ts';

for (const page of pages()) {
  describe(page, () => {
    let folder: ReturnType<typeof pageFolder>;
    beforeAll(() => {
      folder = pageFolder(page);
    });
    afterAll(() => {
      folder.remove();
    });

    it('says of each code block how it is run', () => {
      const known = /^(live|run|setup|file=[\w.-]+)$/;
      const unclear = blocksOf(page).filter(
        ({ language, words }) =>
          words.some((word) => !known.test(word)) ||
          !['', 'text', 'json', 'ts', 'js', 'sh'].includes(language) ||
          (language === 'sh' && words.length === 0),
      );
      expect(unclear).toEqual([]);
    });

    it('links to files and headings that exist', () => {
      const text = readFileSync(page, 'utf8');
      const targets = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => target);
      const broken = targets.filter((target) => {
        const [file = '', heading] = target.split('#');
        const path = file === '' ? page : join(dirname(page), file);
        if (!existsSync(path)) return true;
        return heading !== undefined && !headingsOf(path).includes(heading);
      });
      expect(broken).toEqual([]);
    });

    for (const block of blocksOf(page).filter((one) => isCode(one) && !isLive(one) && fileOf(one) === undefined)) {
      if (block.words.includes('setup')) {
        it(`line ${block.line}: its commands are those of .ci/run`, () => {
          const script = readFileSync('.ci/run', 'utf8');
          const commands = block.code.split('&&').flatMap((part) => part.split('\n'));
          for (const command of commands.map((text) => text.trim())) expect(script).toContain(command);
        });
      } else {
        it(`line ${block.line}: the block runs`, async () => {
          expect(await runBlock(block, folder.path)).toMatchObject({ code: 0 });
        });
      }
    }
  });
}

function headingsOf(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}
