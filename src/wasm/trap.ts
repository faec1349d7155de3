import type { FilterModule } from './filterModule.ts';

/** What of a module a trap's description needs. */
export type TrapScope = Pick<FilterModule, 'functionCount' | 'origins' | 'sourceLine'>;

/** What happened and where, in the author's source where there is a map of it. */
export function describeTrap(error: unknown, scope: TrapScope, isOutOfFuel = false): string {
  const what = isOutOfFuel ? 'it ran out of fuel' : error instanceof Error ? error.message : String(error);
  const offset = error instanceof Error ? offsetOf(error, scope) : undefined;
  if (offset === undefined) return what;
  const origin = scope.origins.originOf(offset);
  return `${what} at ${scope.sourceLine(origin) ?? `byte 0x${origin.toString(16)}`}`;
}

/** Byte of the module where it trapped: the innermost frame of a function that is not ours. */
function offsetOf({ stack = '' }: Error, { functionCount }: TrapScope): number | undefined {
  for (const [, number, offset = ''] of stack.matchAll(/wasm-function\[(\d+)\]:0x([0-9a-f]+)/g)) {
    if (Number(number) < functionCount) return Number.parseInt(offset, 16);
  }
  return undefined;
}
