import { describe } from 'vitest';

/**
 * A `describe` for tests that make devices. It is skipped where none can be made, or where a tool that the tests need is
 * missing; `test/run.js` finds that out, prints the reason, and counts the skips.
 *
 * @param needs commands that must be installed
 */
export function describeLive(name: string, body: () => void, { needs = [] }: { needs?: readonly string[] } = {}): void {
  const reason = whyNot(needs);
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} [${reason}]`, body);
}

function whyNot(needs: readonly string[]): string | undefined {
  const { TAPLINE_NO_DEVICES: reason, TAPLINE_NAMESPACE: isInside, TAPLINE_MISSING: missing = '' } = process.env;
  if (reason !== undefined) return reason;
  if (isInside === undefined) return startWithNpmTest();
  const absent = missing.split(' ').filter((tool) => needs.includes(tool));
  return absent.length === 0 ? undefined : `no usable ${absent.join(', ')} here`;
}

/** Without `test/run.js` around them, live tests would make their devices in the namespace of whoever started vitest. */
function startWithNpmTest(): string {
  const reason = 'live tests run in a namespace of their own: start them with `npm test`';
  console.warn(`Skipped: ${reason}`);
  return reason;
}
