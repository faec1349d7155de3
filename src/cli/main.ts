#!/usr/bin/env node
// Everything else is loaded from here, so that not even loading can fail without a word.
try {
  const { start } = await import('./start.ts');
  await start(process.argv.slice(2));
} catch (error) {
  const isOutOfFiles = error instanceof Error && 'code' in error && error.code === 'EMFILE';
  console.error(isOutOfFiles ? `tapline: ${error.message}: raise the limit (ulimit -n)` : error);
  process.exitCode = 1;
}
