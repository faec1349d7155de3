import { silenceAll } from '../engine/lent/silenceAll.ts';
import type { Lane } from './lane.ts';

/** Lanes whose workers may be at work. */
const lanes = new Set<Lane>();

/**
 * Sees that workers which go down with the process are not woken any more, whatever ends it: koffi 3.3.4 aborts when a
 * frame arrives in that moment.
 *
 * @returns what ends that
 */
export function silenceAtExit(added: readonly Lane[]): () => void {
  if (lanes.size === 0) process.on('exit', silenceLanes);
  for (const lane of added) lanes.add(lane);
  return () => {
    for (const lane of added) lanes.delete(lane);
    if (lanes.size === 0) process.off('exit', silenceLanes);
  };
}

function silenceLanes(): void {
  silenceAll(lanes);
}
