import { PREFIX_BYTES } from '../../assembly/abi.ts';
import type { ConfigField, ConfigSchema } from '../filter/declaration.ts';

/** One value of the configuration with its place. */
export interface PlacedConfig {
  readonly name: string;
  readonly field: ConfigField;
  readonly offset: number;
}

const BYTES = { u8: 1, boolean: 1, port: 1, u16: 2, u32: 4, i32: 4, f64: 8, prefix: PREFIX_BYTES } as const;

/** Lays the configuration out as docs/filter-abi.md says: in the order declared, aligned to the size, prefixes to 4. */
export function configLayout(schema: ConfigSchema = {}): { bytes: number; fields: readonly PlacedConfig[] } {
  let end = 0;
  const fields = Object.entries(schema).map(([name, field]) => {
    const bytes = BYTES[field.type];
    const alignment = field.type === 'prefix' ? 4 : bytes;
    const offset = Math.ceil(end / alignment) * alignment;
    end = offset + bytes;
    return { name, field, offset };
  });
  return { bytes: end, fields };
}
