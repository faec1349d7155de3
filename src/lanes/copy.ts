type State = Readonly<Record<string, unknown>> | undefined;

/**
 * The state of a filter as it is now. Lists in it are views of the filter's memory: sent as they are they would go on
 * changing, or take the whole memory with them.
 */
export function copyOf(state: State): State {
  return state === undefined ? undefined : (valueOf(state) as State);
}

function valueOf(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return 'slice' in value ? (value as Uint8Array).slice() : value;
  if (Array.isArray(value)) return value.map(valueOf);
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, valueOf(part)]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
