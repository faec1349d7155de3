import type { DevicePort } from '../../pipeline/declaration.ts';
import { suggest } from '../../suggest.ts';
import { type Given, has, valueOf, valuesOf } from '../given.ts';
import { type FilterArgument, filterArguments } from '../load/filterArgument.ts';
import { type Settings, readSettings } from '../load/settings.ts';
import { captureOption, segmentOption } from '../run/plan.ts';
import { type NamedPort, devicePorts } from '../run/ports.ts';
import { UsageError } from '../usageError.ts';

/** What `replay` was asked to do. */
export interface ReplayPlan {
  /** Path of the capture, or `-`. */
  readonly source: string;
  /** Of the time in the capture: 1 is as it was. */
  readonly speed: number;
  readonly filters: readonly FilterArgument[];
  /** What `--set` said. */
  readonly settings: Settings;
  /** Onto which device, if any. */
  readonly device: DevicePort | undefined;
  /** Where what passes is written, and where everything is. */
  readonly write: string | undefined;
  readonly record: string | undefined;
  /** Whether what is longer than an MTU is written in segments. */
  readonly isCut: boolean;
  readonly json: boolean;
}

/**
 * Checks a whole command line.
 *
 * @throws {UsageError}
 */
export function planOf(given: Given): ReplayPlan {
  const [source] = given.operands;
  if (source === undefined) throw new UsageError('Nothing to replay: name a capture file, or - for standard input');
  const [write, record] = [captureOption(given, 'write'), captureOption(given, 'record')];
  if (write !== undefined && write === record) {
    throw new UsageError(`Options --write and --record name the same capture ${write}: take two`);
  }
  return {
    source,
    speed: speedOf(valueOf(given, 'speed')),
    filters: filterArguments(given),
    settings: readSettings(valuesOf(given, 'set')),
    device: deviceOf(given, write),
    write,
    record,
    isCut: segmentOption(given),
    json: has(given, 'json'),
  };
}

/** `max`, `real`, or a multiple of it. */
function speedOf(text = 'max'): number {
  if (text === 'max') return Infinity;
  if (text === 'real') return 1;
  const speed = /^\d+(\.\d+)?x$/.test(text) ? Number.parseFloat(text) : 0;
  if (speed > 0) return speed;
  const hint =
    (/^[a-z]+$/i.test(text) && suggest(text, ['max', 'real'])) ||
    ': known are max, real, and multiples like 2x and 0.5x';
  throw new UsageError(`Unknown speed ${text}${hint}`);
}

function deviceOf(given: Given, write: string | undefined): DevicePort | undefined {
  const names = (['tap', 'tun'] as const).flatMap((kind): NamedPort[] => {
    const name = valueOf(given, `to-${kind}`);
    return name === undefined ? [] : [{ kind, name }];
  });
  const [first, second] = names;
  if (second !== undefined) throw new UsageError('Options --to-tap and --to-tun exclude each other: take one device');
  const about = ['address', 'netns'].find((option) => has(given, option));
  if (first === undefined) {
    if (about !== undefined) throw new UsageError(`Option --${about} needs a device: add --to-tap or --to-tun`);
    return undefined;
  }
  if (write !== undefined) {
    throw new UsageError(
      `Options --to-${first.kind} and --write exclude each other: packets go to one place (--record goes with both)`,
    );
  }
  // A device that somebody made for it is the more usual case.
  return devicePorts(given, [first], { exclusive: false }, '--to-')[0];
}
