import * as A from '../../assembly/abi.ts';
import type { ConfigField, ConfigSchema } from '../filter/declaration.ts';
import type { ConfigValue } from '../filter/config.ts';
import type { Prefix } from '../core/prefix.ts';

/** Where each field of a configuration lies. */
export interface ConfigLayout {
  readonly bytes: number;
  readonly fields: readonly { readonly name: string; readonly type: ConfigField['type']; readonly offset: number }[];
}

const SIZES: Readonly<Record<ConfigField['type'], { readonly bytes: number; readonly alignment: number }>> = {
  u8: { bytes: 1, alignment: 1 },
  u16: { bytes: 2, alignment: 2 },
  u32: { bytes: 4, alignment: 4 },
  i32: { bytes: 4, alignment: 4 },
  f64: { bytes: 8, alignment: 8 },
  boolean: { bytes: 1, alignment: 1 },
  port: { bytes: 1, alignment: 1 },
  prefix: { bytes: A.PREFIX_BYTES, alignment: 4 },
};

/** In the order declared, each field aligned to its own size. */
export function layOutConfig(schema: ConfigSchema): ConfigLayout {
  let end = 0;
  const fields = Object.entries(schema).map(([name, { type }]) => {
    const { bytes, alignment } = SIZES[type];
    const offset = Math.ceil(end / alignment) * alignment;
    end = offset + bytes;
    return { name, type, offset };
  });
  return { bytes: end, fields };
}

/** Writes checked values to `address`. */
export function writeConfig(
  view: DataView,
  address: number,
  layout: ConfigLayout,
  values: Readonly<Record<string, ConfigValue>>,
): void {
  for (const { name, type, offset } of layout.fields) {
    const value = values[name];
    if (value !== undefined) writeValue(view, address + offset, type, value);
  }
}

function writeValue(view: DataView, at: number, type: ConfigField['type'], value: ConfigValue): void {
  if (typeof value === 'object') writePrefix(view, at, value);
  else if (typeof value === 'boolean') view.setUint8(at, value ? 1 : 0);
  else if (type === 'u8' || type === 'port') view.setUint8(at, value);
  else if (type === 'u16') view.setUint16(at, value, true);
  else if (type === 'u32') view.setUint32(at, value, true);
  else if (type === 'i32') view.setInt32(at, value, true);
  else view.setFloat64(at, value, true);
}

/** Address and mask in network order; the words of an IPv4 address are the first of four. */
function writePrefix(view: DataView, at: number, { version, words, masks }: Prefix): void {
  view.setUint32(at + A.PREFIX_VERSION, version, true);
  for (let i = 0; i < 4; i++) {
    view.setUint32(at + A.PREFIX_ADDRESS + 4 * i, words[i] ?? 0);
    view.setUint32(at + A.PREFIX_MASK + 4 * i, masks[i] ?? 0);
  }
}
