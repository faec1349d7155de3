import { resolve } from 'node:path';
import { type Builder, openBuilder } from '../../author/builder.ts';
import { readFilterPackage } from '../../author/declaration.ts';
import { runTests } from '../../author/runTests.ts';
import { watchFolder } from '../../author/watchFolder.ts';
import { EXIT_OK } from '../exitCodes.ts';
import type { Given } from '../given.ts';
import { say } from '../output.ts';
import { stopSignal } from '../stopSignal.ts';

/** `tapline dev`: builds and tests now, and again whenever a source was saved, until a signal. */
export async function dev(given: Given): Promise<number> {
  const folder = resolve(given.operands[0] ?? '.');
  const { name } = readFilterPackage(folder).declaration;
  const stopped = stopSignal();
  const builder = openBuilder();
  const runs = oneAtATime(() => buildAndTest(builder, folder, name));
  const watch = watchFolder(folder, ['assembly', 'test'], runs);
  runs();
  await stopped;
  watch.close();
  await builder.close();
  return EXIT_OK;
}

async function buildAndTest(builder: Builder, folder: string, name: string): Promise<void> {
  const start = performance.now();
  try {
    const warnings = await builder.build(folder);
    if (warnings !== '') say(warnings);
    say(`built ${name} in ${Math.round(performance.now() - start)} ms`);
    await runTests(folder);
    say('waiting for changes; Ctrl-C ends');
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

/** A change while one is at work is seen to behind it, once. */
function oneAtATime(work: () => Promise<void>): () => void {
  let isAtWork = false;
  let isWanted = false;
  const begin = async (): Promise<void> => {
    isAtWork = true;
    do {
      isWanted = false;
      await work();
      // Set by a change that came meanwhile.
    } while (isWanted as boolean);
    isAtWork = false;
  };
  return () => {
    isWanted = true;
    if (!isAtWork) void begin();
  };
}
