import { type ByteSource, NOT_YET } from '../../../src/capture/source.ts';

/** How a source hands its bytes out. */
export interface SourceOptions {
  /** Bytes that one read gives at most. Default: all that fit. */
  readonly chunk?: number;
  /** Whether every second read says NOT_YET, as a pipe does. Default false. */
  readonly isSlow?: boolean;
}

/** A capture in memory. */
export function memorySource(bytes: Uint8Array, { chunk = Infinity, isSlow = false }: SourceOptions = {}): ByteSource {
  let [position, reads] = [0, 0];
  return {
    read(target, offset, length) {
      if (isSlow && reads++ % 2 === 0) return NOT_YET;
      const part = bytes.subarray(position, position + Math.min(length, chunk));
      target.set(part, offset);
      position += part.length;
      return part.length;
    },
    awaitData(callback) {
      setImmediate(callback);
    },
    progress: () => position / bytes.length,
    close: () => undefined,
  };
}

/** A source that never holds its bytes: `make` gives piece after piece, and null at the end. */
export function generatedSource(make: () => Uint8Array | null): ByteSource {
  let piece: Uint8Array = new Uint8Array();
  let isOver = false;
  return {
    read(target, offset, length) {
      while (piece.length === 0 && !isOver) {
        const next = make();
        if (next === null) isOver = true;
        else piece = next;
      }
      const part = piece.subarray(0, length);
      target.set(part, offset);
      piece = piece.subarray(part.length);
      return part.length;
    },
    awaitData: setImmediate,
    progress: () => undefined,
    close: () => undefined,
  };
}
