import { relative, resolve } from 'node:path';
import { type Built, type BuiltModule, build } from '../../author/build.ts';
import { type Inspected, inspectModule } from '../../author/inspectModule.ts';
import { EXIT_OK } from '../exitCodes.ts';
import { type Given, has } from '../given.ts';
import { print, say } from '../output.ts';
import { table } from '../table.ts';
import { type FuelReport, measureFuel } from './fuel.ts';

/** `tapline build`: builds and reports. Warnings and words go to stderr. */
export async function buildFilter(given: Given): Promise<number> {
  const isDebugOnly = has(given, 'debug');
  const built = await build(resolve(given.operands[0] ?? '.'), isDebugOnly ? { targets: ['debug'] } : {});
  if (built.warnings !== '') say(built.warnings);
  const module = built.release ?? built.debug;
  if (module === undefined) return EXIT_OK;
  const inspected = await inspectModule(module.bytes, module.path);
  const fuel = await fuelOf(built.folder, module.bytes);
  if (has(given, 'json')) print(JSON.stringify(reportOf(built, inspected, fuel)));
  else say(reportText(built, inspected, fuel));
  return EXIT_OK;
}

/** A filter that must be configured cannot be tried without; the report says why. */
async function fuelOf(folder: string, wasm: Uint8Array): Promise<FuelReport | string> {
  try {
    return (await measureFuel(folder, wasm)) ?? 'not measured: there are no captures in test/fixtures';
  } catch (error) {
    return `not measured: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function reportOf({ declaration, version }: Built, inspected: Inspected, fuel: FuelReport | string): object {
  const { bytes, sha256, sections, obstacle, manifest } = inspected;
  const { fuelPerPacket } = manifest;
  const measured = typeof fuel === 'string' ? null : fuel;
  return {
    schema: 1,
    name: declaration.name,
    version,
    bytes,
    sha256,
    sections,
    obstacle,
    fuelPerPacket,
    fuel: measured,
  };
}

function reportText(built: Built, inspected: Inspected, fuel: FuelReport | string): string {
  const { declaration, version, release, debug } = built;
  const { code, data, manifest, rest } = inspected.sections;
  const parts = `: code ${code}, ${data > 0 ? `data ${data}, ` : ''}manifest ${manifest}, rest ${rest}`;
  const row = (module: BuiltModule | undefined, more: string): string[][] =>
    module === undefined ? [] : [[`  ${relative(process.cwd(), module.path)}`, `${module.bytes.length} bytes${more}`]];
  return [
    `${declaration.name} ${version}`,
    ...table([
      ...row(release, parts),
      ...row(debug, ', with its source map'),
      ['  in place', inspected.obstacle === null ? 'possible' : `not possible: ${inspected.obstacle}`],
      ['  fuel per packet', fuelText(fuel, inspected.manifest.fuelPerPacket)],
    ]),
  ].join('\n');
}

function fuelText(fuel: FuelReport | string, limit: number): string {
  if (typeof fuel === 'string') return fuel;
  const { average, most, packets, captures } = fuel;
  return `${average.toFixed(1)} on average, ${most} at most, of ${limit} (${packets} packets of ${captures} captures)`;
}
