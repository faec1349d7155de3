import { inspect } from 'node:util';
import * as A from '../../assembly/abi.ts';
import { checkManifest } from '../filter/checkManifest.ts';
import type { Manifest } from '../filter/declaration.ts';
import { suggest } from '../suggest.ts';
import { type Json, flag, isRecord, oneOf, text, whole } from './json.ts';
import { refuse } from './refusal.ts';
import { type StateManifest, readState } from './stateManifest.ts';

/** What a compiled filter says of itself, defaults filled in. `docs/filter-abi.md` says what each means. */
export interface WasmManifest extends Manifest {
  readonly abi: 1;
  readonly version: string;
  readonly window: number;
  readonly headroom: number;
  readonly writes: boolean;
  readonly checksums: 'partial' | 'complete';
  readonly onShort: 'continue' | 'drop';
  readonly onOutside: 'continue' | 'drop';
  readonly fuelPerPacket: number;
  readonly memoryPages: number;
  readonly tickMilliseconds: number;
  readonly breaker: BreakerManifest;
  readonly state: StateManifest | undefined;
  readonly messages: readonly string[] | undefined;
}

/** What happens after so many traps within a second. */
export interface BreakerManifest {
  readonly traps: number;
  readonly then: 'bypass' | 'closed' | 'reload';
}

/** What 256 packets may burn then takes about a second at worst. */
const FUEL_LIMIT = 100_000;
const MEMORY_PAGES_LIMIT = 1024;
const HOUR_MS = 3_600_000;
const TRAPS_LIMIT = 1_000_000;
const MESSAGES_LIMIT = 10_000;

/** Reads the content of the section `tapline.manifest`. */
export function readManifest(bytes: Uint8Array): WasmManifest {
  if (bytes.length > A.MANIFEST_LIMIT_BYTES) {
    refuse(`its manifest has ${bytes.length} bytes: ${A.MANIFEST_LIMIT_BYTES} are the most`);
  }
  const json = parse(bytes);
  // The version first: who was made for another one has other keys.
  const abi = json['abi'];
  if (abi !== A.ABI_VERSION) {
    refuse(`it was made for version ${inspect(abi)} of the filter ABI, and this tapline has version ${A.ABI_VERSION}`);
  }
  checkKeys(json);
  const manifest = { ...json, ...fieldsOf(json) } as unknown as WasmManifest;
  checkDeclaration(manifest);
  if (manifest.headroom > 0 && !manifest.writes) refuse('its manifest has headroom, but not writes: true');
  return manifest;
}

function fieldsOf(json: Json): Omit<WasmManifest, 'name'> {
  oneOf(json, 'superPackets', ['whole', 'segments']);
  return {
    abi: 1,
    version: text(json, 'version'),
    window: whole(json, 'window', A.WINDOW_DEFAULT_BYTES, 0, A.WINDOW_LIMIT_BYTES),
    headroom: whole(json, 'headroom', 0, 0, A.HEADROOM_LIMIT_BYTES),
    writes: flag(json, 'writes'),
    checksums: oneOf(json, 'checksums', ['partial', 'complete']),
    onShort: oneOf(json, 'onShort', ['continue', 'drop']),
    onOutside: oneOf(json, 'onOutside', ['continue', 'drop']),
    fuelPerPacket: whole(json, 'fuelPerPacket', 10_000, 1, FUEL_LIMIT),
    memoryPages: whole(json, 'memoryPages', 16, 0, MEMORY_PAGES_LIMIT),
    tickMilliseconds: whole(json, 'tickMilliseconds', 1000, 1, HOUR_MS),
    breaker: readBreaker(json['breaker']),
    state: json['state'] === undefined ? undefined : readState(json['state']),
    messages: readMessages(json['messages']),
  };
}

const KEYS = [
  'abi',
  'name',
  'version',
  'config',
  'counters',
  'reasons',
  'onError',
  'window',
  'headroom',
  'writes',
  'superPackets',
  'checksums',
  'onShort',
  'onOutside',
  'fuelPerPacket',
  'memoryPages',
  'tickMilliseconds',
  'breaker',
  'state',
  'messages',
  'description',
];

function parse(bytes: Uint8Array): Json {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    refuse(`its manifest is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return isRecord(json) ? json : refuse('its manifest is not a JSON object');
}

function checkKeys(json: Json): void {
  for (const key of Object.keys(json)) {
    if (!KEYS.includes(key)) refuse(`its manifest has '${key}', which is not known${suggest(key, KEYS)}`);
  }
}

/** What it shares with filters in TypeScript. */
function checkDeclaration(manifest: WasmManifest): void {
  const { config = {} } = manifest;
  if (!isRecord(config) || !Object.values(config).every(isRecord))
    refuse('its manifest has a config that is no object of fields');
  try {
    checkManifest(manifest);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
  }
}

function readBreaker(value: unknown): BreakerManifest {
  if (value === undefined) return { traps: 10, then: 'reload' };
  if (!isRecord(value)) refuse('its breaker must be { traps, then }');
  const traps = whole(value, 'traps', 10, 1, TRAPS_LIMIT);
  return { traps, then: oneOf(value, 'then', ['reload', 'bypass', 'closed']) };
}

function readMessages(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
  if (!isList || value.length > MESSAGES_LIMIT) refuse('its messages must be a list of texts');
  return value;
}
