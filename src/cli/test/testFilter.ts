import { resolve } from 'node:path';
import { build } from '../../author/build.ts';
import { runTests } from '../../author/runTests.ts';
import { type Given, valueOf } from '../given.ts';
import { say } from '../output.ts';

/** `tapline test`: builds, then tests. @returns the exit code of the tests */
export async function testFilter(given: Given): Promise<number> {
  const folder = resolve(given.operands[0] ?? '.');
  const { warnings } = await build(folder);
  if (warnings !== '') say(warnings);
  const name = valueOf(given, 'filter');
  return runTests(folder, name === undefined ? [] : ['-t', name]);
}
