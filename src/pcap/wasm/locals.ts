import { SCRATCH_COUNT } from '../program/bpf.ts';
import { KEPT_COUNT } from './repeats.ts';

// Parameters and locals of the function that a program, or a part of one, becomes.
export const FRAME = 0;
export const LENGTH = 1;
export const DESCRIPTOR = 2;
export const PARAMETERS = 3;
export const ACCUMULATOR = 3;
export const INDEX = 4;
/** A value in the making. */
export const SCRATCH = 5;
/** Where to begin: the number of an entry of the part. */
export const STATE = 6;
export const ROUNDS = 7;
export const MEMORY = 8;
export const KEPT = MEMORY + SCRATCH_COUNT;
export const LOCALS_END = KEPT + KEPT_COUNT;

// Globals, by which parts hand over to each other: each local has the one of its own number.
/** The part that goes on; 0: none does. */
export const NEXT_PART = 0;
export const GLOBAL_COUNT = LOCALS_END;
