import * as op from './opcodes.ts';

/**
 * Prints a module of ours as text, for people to read. It knows what `encodeModule` writes and no more.
 *
 * @throws {RangeError} for any other module
 */
export function watText(module: Uint8Array): string {
  const reader = new Reader(module, 8);
  const lines = ['(module', '  (import "env" "memory" (memory 1 65536 shared))'];
  const types: [number, number][] = [];
  while (!reader.isAtEnd) {
    const section = reader.byte();
    const end = reader.unsigned() + reader.offset;
    if (section === 1) types.push(...readTypes(reader));
    if (section === 6) lines.push(...Array<string>(reader.unsigned()).fill('  (global (mut i32) (i32.const 0))'));
    if (section === 10) lines.push(...readBodies(reader, types));
    reader.offset = end;
  }
  return [...lines, ')', ''].join('\n');
}

class Reader {
  offset: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.offset++] ?? 0;
  }

  unsigned(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  signed(): number {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte >= 0x80) continue;
      return shift < 32 && (byte & 0x40) !== 0 ? value | (-1 << shift) : value;
    }
  }
}

/** Parameters and results of each type; all are i32. */
function readTypes(reader: Reader): [number, number][] {
  return Array.from({ length: reader.unsigned() }, () => {
    reader.byte();
    const parameters = reader.unsigned();
    reader.offset += parameters;
    const results = reader.unsigned();
    reader.offset += results;
    return [parameters, results];
  });
}

function readBodies(reader: Reader, types: readonly [number, number][]): string[] {
  const count = reader.unsigned();
  return Array.from({ length: count }, (_, index) => {
    const end = reader.unsigned() + reader.offset;
    const [parameters, results] = types[index] ?? [0, 0];
    const locals = reader.unsigned() === 0 ? 0 : reader.unsigned();
    if (locals > 0) reader.byte();
    const name = index === count - 1 ? ' (export "judge")' : '';
    const head = [name, part('param', parameters), part('result', results), part('local', locals)].join('');
    return [`  (func (;${index};)${head}`, ...readCode(reader, end), '  )'];
  }).flat();
}

function part(name: string, count: number): string {
  return count === 0 ? '' : ` (${name}${' i32'.repeat(count)})`;
}

const PLAIN: Readonly<Record<number, string>> = {
  [op.RETURN]: 'return',
  [op.SELECT]: 'select',
  [op.I32_EQZ]: 'i32.eqz',
  [op.I32_EQ]: 'i32.eq',
  [op.I32_NE]: 'i32.ne',
  [op.I32_LT_U]: 'i32.lt_u',
  [op.I32_GT_U]: 'i32.gt_u',
  [op.I32_LE_U]: 'i32.le_u',
  [op.I32_GE_U]: 'i32.ge_u',
  [op.I32_ADD]: 'i32.add',
  [op.I32_SUB]: 'i32.sub',
  [op.I32_MUL]: 'i32.mul',
  [op.I32_DIV_U]: 'i32.div_u',
  [op.I32_REM_U]: 'i32.rem_u',
  [op.I32_AND]: 'i32.and',
  [op.I32_OR]: 'i32.or',
  [op.I32_XOR]: 'i32.xor',
  [op.I32_SHL]: 'i32.shl',
  [op.I32_SHR_U]: 'i32.shr_u',
  [op.I32_ROTL]: 'i32.rotl',
};
const INDEXED: Readonly<Record<number, string>> = {
  [op.BR]: 'br',
  [op.BR_IF]: 'br_if',
  [op.CALL]: 'call',
  [op.LOCAL_GET]: 'local.get',
  [op.LOCAL_SET]: 'local.set',
  [op.LOCAL_TEE]: 'local.tee',
  [op.GLOBAL_GET]: 'global.get',
  [op.GLOBAL_SET]: 'global.set',
};
const MEMORY: Readonly<Record<number, string>> = {
  [op.I32_LOAD]: 'i32.load',
  [op.I32_LOAD8_U]: 'i32.load8_u',
  [op.I32_LOAD16_U]: 'i32.load16_u',
  [op.I32_STORE]: 'i32.store',
  [op.I32_STORE16]: 'i32.store16',
};
const OPENERS: Readonly<Record<number, string>> = { [op.BLOCK]: 'block', [op.LOOP]: 'loop', [op.IF]: 'if' };

function readCode(reader: Reader, end: number): string[] {
  const lines: string[] = [];
  let depth = 2;
  while (reader.offset < end - 1) {
    const code = reader.byte();
    if (code === op.END || code === op.ELSE) depth--;
    lines.push('  '.repeat(depth) + instructionText(reader, code));
    if (code in OPENERS || code === op.ELSE) depth++;
  }
  reader.offset = end;
  return lines;
}

function instructionText(reader: Reader, code: number): string {
  const opener = OPENERS[code];
  if (opener !== undefined) return reader.byte() === op.I32 ? `${opener} (result i32)` : opener;
  if (code === op.ELSE) return 'else';
  if (code === op.END) return 'end';
  if (code === op.I32_CONST) return `i32.const ${reader.signed()}`;
  if (code === op.BR_TABLE)
    return ['br_table', ...Array.from({ length: reader.unsigned() + 1 }, () => reader.unsigned())].join(' ');
  const indexed = INDEXED[code];
  if (indexed !== undefined) return `${indexed} ${reader.unsigned()}`;
  const memory = MEMORY[code];
  if (memory !== undefined) {
    const align = 2 ** reader.unsigned();
    const offset = reader.unsigned();
    return `${memory} offset=${offset} align=${align}`;
  }
  const plain = PLAIN[code];
  if (plain === undefined) throw new RangeError(`There is no text for instruction 0x${code.toString(16)}`);
  return plain;
}
