import { Unavailable, type BenchCase } from '../benchCase.ts';
import { startChild } from '../children.ts';
import { findCores } from '../cores.ts';
import type { ProgramParts } from '../programs.ts';
import { fillArena } from './filledArena.ts';
import { NS_PER_PACKET } from './functionCase.ts';

/** A program that does in C what another case does here; `bench/c/twin.h` describes it. */
export interface TwinOptions {
  /** Name of the C file in `bench/c`, or an absolute path. */
  readonly program: string;
  /** What it is made of beside its source. Default: nothing. */
  readonly parts?: ProgramParts;
  /** The frames that the other case gets, from the same seed; 1 to 256. */
  readonly frames: (seed: number) => readonly Uint8Array[];
  /**
   * What the other case made of each frame. The twin must have made the same of them: a twin that does something else
   * would be no yardstick.
   */
  readonly answers?: (frames: readonly Uint8Array[]) => readonly number[] | Promise<readonly number[]>;
}

/** A case whose figures come from a C program in a process of its own, compiled on the spot with `-O2`. */
export function twinCase(name: string, { program, parts, frames: framesOf, answers }: TwinOptions): BenchCase {
  return {
    name,
    async open({ programs, seed, sampleMs, signal }) {
      const frames = framesOf(seed);
      const child = startChild(findCores().onFirst([programs.compile(program, parts)]), { signal });
      child.write(encodeFrames(frames));
      if (answers !== undefined) {
        child.say('answers');
        const line = await child.line();
        const [found, wanted] = [line.trim(), (await answers(frames)).join(' ')];
        if (found !== wanted) {
          await child.kill();
          throw new Unavailable(`${program}.c does something else here: ${differenceOf(found, wanted)}`);
        }
      }
      return {
        async sample() {
          child.say(`sample ${Math.max(1, Math.round(sampleMs))}`);
          return { [NS_PER_PACKET.name]: Number(await child.line()) / frames.length };
        },
        close: () => child.end(),
      };
    },
  };
}

/** The frames as `twin.h` reads them, in slots as wide as the arena's. */
function encodeFrames(frames: readonly Uint8Array[]): Uint8Array {
  const { stride, offset } = fillArena(frames);
  const words = (...values: number[]): Uint8Array => new Uint8Array(new Uint32Array(values).buffer);
  return Buffer.concat([
    words(frames.length, stride, offset),
    ...frames.flatMap((frame) => [words(frame.length), frame]),
  ]);
}

function differenceOf(found: string, wanted: string): string {
  const [ours, theirs] = [wanted.split(' '), found.split(' ')];
  const at = ours.findIndex((answer, i) => answer !== theirs[i]);
  return `packet ${at} gives ${theirs[at] ?? 'nothing'}, and ${ours[at] ?? 'nothing'} in tapline`;
}
