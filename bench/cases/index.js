// Everything that `tapline bench` measures, in the order of its report. A new group is a file beside this one, and a line
// here.

import { breath } from './breath.js';
import { checksums } from './checksum.js';
import { dissect, dissectMixed } from './dissect.js';
import { filter } from './filter.js';
import { flowHash } from './flowHash.js';
import { bulk, floods, latency, relays } from './live.js';
import { pcap } from './pcap.js';
import { pcapCompile } from './pcapCompile.js';
import { segment } from './segment.js';
import { start } from './start.js';

export const groups = [
  dissect,
  dissectMixed,
  flowHash,
  ...checksums,
  segment,
  filter,
  ...pcap,
  pcapCompile,
  breath,
  ...relays,
  ...floods,
  ...bulk,
  ...latency,
  start,
];
