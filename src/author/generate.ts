import type { ConfigField } from '../filter/declaration.ts';
import { layOutConfig } from '../wasm/configBytes.ts';
import type { Declaration, StateField } from './declaration.ts';
import { type PlacedField, type PlacedValue, stateLayout, valueLayout } from './stateLayout.ts';

/**
 * `assembly/generated.ts`: what filter.json declares, by name and with its types. Everything is a place in memory that
 * the host lays out, so that nothing is copied and nothing allocated.
 */
export function generateAssembly(declaration: Declaration): string {
  const body = [
    ...configClass(declaration),
    ...countersClass(declaration),
    ...reasonEnum(declaration),
    ...stateClasses(declaration),
  ].join('\n');
  return `// Made of filter.json by \`tapline build\` and by the compiler transform: changes are lost.\n${imports(body)}${body}\n`;
}

const IMPORTABLE = [
  'FlowTable',
  'LruMap',
  'Prefix',
  'PrefixTable',
  'TokenBucket',
  'configAddress',
  'countersAddress',
  'flowTable',
  'lruMap',
  'prefixTable',
  'stateAddress',
];

function imports(body: string): string {
  const used = IMPORTABLE.filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  return used.length === 0 ? '' : `import { ${used.join(', ')} } from 'tapline/assembly/filter';\n`;
}

// ── Configuration ────────────────────────────────────────────────────────────────────────────────────────────────────

function configClass({ config = {} }: Declaration): string[] {
  const { fields } = layOutConfig(config);
  if (fields.length === 0) return [];
  const getters = fields.flatMap(({ name, type, offset }) => [
    ...aboutField(config[name]),
    `  static get ${name}(): ${configValue(type, offset)}`,
  ]);
  return ['', '/** What the user of the filter has set. */', 'export class config {', ...getters, '}'];
}

function aboutField(field: ConfigField | undefined): string[] {
  return field?.description === undefined ? [] : [`  /** ${field.description.replaceAll('*/', '* /')} */`];
}

function configValue(type: ConfigField['type'], offset: number): string {
  if (type === 'prefix') return `Prefix {\n    return changetype<Prefix>(configAddress() + ${offset});\n  }`;
  if (type === 'boolean') return `bool {\n    return load<u8>(configAddress(), ${offset}) != 0;\n  }`;
  const loaded = type === 'port' ? 'u8' : type;
  // As the fields of a packet: the compiler compares no signed with unsigned numbers.
  const declared = loaded === 'u8' || loaded === 'u16' ? 'i32' : loaded;
  return `${declared} {\n    return load<${loaded}>(configAddress(), ${offset});\n  }`;
}

// ── Counters and reasons ─────────────────────────────────────────────────────────────────────────────────────────────

function countersClass({ counters = [] }: Declaration): string[] {
  if (counters.length === 0) return [];
  const fields = counters.flatMap((name, i) =>
    accessors('static ', identifier(name), 'u64', 'countersAddress()', 8 * i),
  );
  return ['', '/** `counters.seen++` */', 'export class counters {', ...fields, '}'];
}

function reasonEnum({ reasons = [] }: Declaration): string[] {
  if (reasons.length === 0) return [];
  const members = reasons.map((name, i) => `  ${identifier(name)} = ${i + 1},`);
  return ['', '/** `packet.drop(Reason.name)` */', 'export enum Reason {', ...members, '}'];
}

/** Counters and reasons may have dashes: `too-fast` is `tooFast` in code. */
export function identifier(name: string): string {
  return name.replace(/-+(\w?)/g, (_, letter: string) => letter.toUpperCase());
}

// ── State ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function stateClasses({ state }: Declaration): string[] {
  const { fields } = stateLayout(state);
  if (fields.length === 0) return [];
  return [
    ...fields.flatMap(valueClass),
    '',
    '/** What outlives a batch. All zeros at first. */',
    'export class state {',
    ...fields.flatMap(stateField),
    '}',
  ];
}

function stateField({ name, field, offset }: PlacedField): string[] {
  if (isNumber(field) && field.length === undefined)
    return accessors('static ', name, field.type, 'stateAddress()', offset);
  return [`  static get ${name}(): ${stateValue(name, field, offset)}`];
}

function stateValue(name: string, field: StateField, offset: number): string {
  const address = `stateAddress() + ${offset}`;
  switch (field.type) {
    case 'TokenBucket':
      return `TokenBucket {\n    return changetype<TokenBucket>(${address});\n  }`;
    case 'PrefixTable':
      return `PrefixTable {\n    return prefixTable(${address}, ${field.capacity});\n  }`;
    case 'LruMap': {
      const value = valueName(name);
      const { bytes } = valueLayout(field.value);
      return `LruMap<${value}> {\n    return lruMap<${value}>(${address}, ${field.capacity}, ${bytes});\n  }`;
    }
    case 'FlowTable': {
      const value = valueName(name);
      const { bytes } = valueLayout(field.value);
      const key = ['flow', 'pair', 'source', 'destination'].indexOf(field.key);
      return `FlowTable<${value}> {\n    return flowTable<${value}>(${address}, ${field.capacity}, ${key}, ${bytes});\n  }`;
    }
    default:
      return `${listName(name)} {\n    return changetype<${listName(name)}>(${address});\n  }`;
  }
}

/** An entry of a table and a list are classes of their own. */
function valueClass({ name, field }: PlacedField): string[] {
  if (isNumber(field)) return field.length === undefined ? [] : listClass(name, field.type, field.length);
  if (field.type !== 'LruMap' && field.type !== 'FlowTable') return [];
  const { fields } = valueLayout(field.value);
  return [
    '',
    `/** An entry of \`state.${name}\`. */`,
    '@unmanaged',
    `export class ${valueName(name)} {`,
    ...fields.flatMap(valueField),
    '}',
  ];
}

/** A list knows its length; an index outside is a trap. */
function listClass(name: string, type: string, length: number): string[] {
  return [
    '',
    '@unmanaged',
    `export class ${listName(name)} {`,
    '  get length(): i32 {',
    `    return ${length};`,
    '  }',
    `  get(index: i32): ${type} {`,
    `    return load<${type}>(this.address(index));`,
    '  }',
    `  set(index: i32, value: ${type}): void {`,
    `    store<${type}>(this.address(index), value);`,
    '  }',
    '  private address(index: i32): usize {',
    `    if (<u32>index >= ${length}) unreachable();`,
    `    return changetype<usize>(this) + index * sizeof<${type}>();`,
    '  }',
    '}',
  ];
}

function valueField({ name, type, offset }: PlacedValue): string[] {
  if (type !== 'TokenBucket') return accessors('', name, type, 'changetype<usize>(this)', offset);
  return [
    `  get ${name}(): TokenBucket {`,
    `    return changetype<TokenBucket>(changetype<usize>(this) + ${offset});`,
    '  }',
  ];
}

function valueName(field: string): string {
  return `${capitalized(field)}Entry`;
}

function listName(field: string): string {
  return `${capitalized(field)}List`;
}

function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function isNumber(field: StateField): field is StateField & { readonly length?: number; readonly type: 'u8' } {
  return !['TokenBucket', 'PrefixTable', 'LruMap', 'FlowTable'].includes(field.type);
}

function accessors(modifier: string, name: string, type: string, base: string, offset: number): string[] {
  return [
    `  ${modifier}get ${name}(): ${type} {`,
    `    return load<${type}>(${base}, ${offset});`,
    '  }',
    `  ${modifier}set ${name}(value: ${type}) {`,
    `    store<${type}>(${base}, value, ${offset});`,
    '  }',
  ];
}
