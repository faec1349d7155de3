import type { CaptureReader } from '../../../src/capture/captureReader.ts';
import { openCapture } from '../../../src/capture/reader.ts';
import { TaplineError } from '../../../src/errors.ts';
import { type SourceOptions, memorySource } from './sources.ts';

/** A packet of a capture, copied. */
export interface ReadPacket {
  readonly interface: number;
  readonly timeNs: bigint;
  readonly wireLength: number;
  readonly data: Uint8Array;
}

/** What a capture gave. */
export interface ReadCapture {
  readonly packets: readonly ReadPacket[];
  /** Where it could not be read further; undefined: it was read to its end. */
  readonly failedAt: number | undefined;
  readonly message: string | undefined;
}

export interface ReadOptions extends SourceOptions {
  readonly windowBytes?: number;
}

/** Reads a capture in memory to its end, or to where it is damaged. */
export async function readAll(
  bytes: Uint8Array,
  { windowBytes = 4096, ...options }: ReadOptions = {},
): Promise<ReadCapture> {
  const packets: ReadPacket[] = [];
  try {
    const reader = await openCapture(memorySource(bytes, options), { windowBytes });
    while (await reader.advance()) packets.push(packetOf(reader));
  } catch (error) {
    if (!(error instanceof TaplineError) || error.code !== 'BAD_CAPTURE') throw error;
    return { packets, failedAt: offsetIn(error.message), message: error.message };
  }
  return { packets, failedAt: undefined, message: undefined };
}

/** The packet under the cursor. */
export function packetOf(reader: CaptureReader): ReadPacket {
  return {
    interface: reader.interface,
    timeNs: reader.timeNs,
    wireLength: reader.wireLength,
    data: reader.packet().slice(),
  };
}

/** The offset that an error names. */
export function offsetIn(message: string): number {
  return Number(/ beyond byte (\d+): /.exec(message)?.[1] ?? Number.NaN);
}

/** The same with bytes as text, which vitest compares a thousand times as fast. */
export function comparable({ data, ...rest }: ReadPacket): Omit<ReadPacket, 'data'> & { readonly data: string } {
  return { ...rest, data: Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1') };
}
