import { nextDraw } from './batch.ts';

// Random numbers from the batch's seed: the same packets, in the same batches, give the same numbers in each replay.
// Not for secrets.

/** 64 random bits: SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"). */
export function random(): u64 {
  let mixed = nextDraw();
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

/** A number from 0 to `limit` − 1; 0 when the limit is 0. Uneven by less than `limit` / 2³². */
export function randomBelow(limit: u32): u32 {
  return <u32>(((random() >> 32) * limit) >> 32);
}
