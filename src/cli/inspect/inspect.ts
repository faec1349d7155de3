import { readFile } from 'node:fs/promises';
import { type Inspected, inspectModule } from '../../author/inspectModule.ts';
import type { ConfigField } from '../../filter/declaration.ts';
import { EXIT_OK } from '../exitCodes.ts';
import { type Given, has } from '../given.ts';
import { modulePath } from '../load/filterPath.ts';
import { print } from '../output.ts';
import { table } from '../table.ts';
import { UsageError } from '../usageError.ts';

/** `tapline inspect`: checks a module as a line would, and describes it. */
export async function inspect(given: Given): Promise<number> {
  const [name] = given.operands;
  if (name === undefined) throw new UsageError('No filter: give a .wasm file, a folder, or npm:NAME');
  const path = modulePath(name);
  const inspected = await inspectModule(new Uint8Array(await readFile(path)), path);
  print(has(given, 'json') ? JSON.stringify({ schema: 1, path, ...inspected }) : text(path, inspected).join('\n'));
  return EXIT_OK;
}

function text(
  path: string,
  { manifest, bytes, sha256, sections, imports, exports, memory, obstacle }: Inspected,
): string[] {
  const { name, version, abi, window, headroom, writes, fuelPerPacket, state, config = {} } = manifest;
  const { counters = [], reasons = [] } = manifest;
  return [
    `${name} ${version}, filter ABI ${abi}`,
    ...table([
      ['  file', path],
      ['  sha256', sha256],
      [
        '  size',
        `${bytes} bytes: code ${sections.code}, data ${sections.data}, manifest ${sections.manifest}, rest ${sections.rest}`,
      ],
      ['  imports', imports.join(', ')],
      ['  exports', exports.join(', ')],
      [
        '  memory',
        `sandboxed ${memory.initialPages} to ${memory.maximumPages} pages, block ${memory.blockBytes} bytes`,
      ],
      ['  in place', obstacle === null ? 'possible' : `not possible: ${obstacle}`],
      ['  sees', `${window} bytes of each frame`],
      ['  changes frames', writes ? `yes, and pushes ${headroom} bytes at most` : 'no'],
      ['  fuel per packet', `${fuelPerPacket} at most`],
      ['  counters', counters.join(', ') || 'none'],
      ['  drops for', reasons.join(', ') || 'no reason of its own'],
      [
        '  state',
        state === undefined
          ? 'none'
          : `version ${state.version}, ${state.bytes} bytes: ${state.fields.map((field) => field.name).join(', ')}`,
      ],
    ]),
    ...configTable(config),
  ];
}

function configTable(config: Readonly<Record<string, ConfigField>>): string[] {
  const rows = Object.entries(config).map(([name, field]) => [
    `  --set ${name}`,
    field.type,
    field.default === undefined ? 'must be given' : `default ${String(field.default)}`,
    field.description ?? '',
  ]);
  return rows.length === 0 ? [] : ['configuration', ...table(rows)];
}
