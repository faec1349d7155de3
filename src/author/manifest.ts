import { ABI_VERSION } from '../../assembly/abi.ts';
import type { FilterPackage, StateDeclaration } from './declaration.ts';
import { keyBytes, type PlacedField, stateLayout, valueLayout } from './stateLayout.ts';

/** What the manifest does not repeat of filter.json. */
const UNSAID = ['$schema', 'heap', 'state'];

/**
 * The manifest that goes into the module: filter.json, the version of the package, and what lies where in the state.
 *
 * @param messages texts of the trace records of a debug build
 */
export function manifestOf({ declaration, version }: FilterPackage, messages: readonly string[] = []): object {
  const said = Object.entries(declaration).filter(([key]) => !UNSAID.includes(key));
  const { state } = declaration;
  return {
    abi: ABI_VERSION,
    version,
    ...Object.fromEntries(said),
    ...(state === undefined ? {} : { state: stateManifest(state) }),
    ...(messages.length > 0 ? { messages } : {}),
  };
}

function stateManifest(state: StateDeclaration): object {
  const { bytes, fields } = stateLayout(state);
  return { version: state.version, bytes, fields: fields.map(fieldManifest) };
}

function fieldManifest({ name, field, offset, bytes }: PlacedField): object {
  if (field.type === 'TokenBucket') return { name, type: 'u64', offset, length: 2 };
  if (field.type === 'PrefixTable') return { name, type: field.type, offset, bytes, capacity: field.capacity };
  if (field.type !== 'LruMap' && field.type !== 'FlowTable') {
    return { name, type: field.type, offset, ...(field.length === undefined ? {} : { length: field.length }) };
  }
  return {
    name,
    type: field.type,
    offset,
    bytes,
    capacity: field.capacity,
    keyBytes: keyBytes(field),
    valueBytes: valueLayout(field.value).bytes,
    ...(field.type === 'FlowTable' ? { key: field.key } : {}),
    value: field.value,
  };
}
