// Everything that `tapline bench` measures, in the order of its report. A new group is a file beside this one, and a line
// here.

import { breath } from './breath.js';
import { captures } from './capture.js';
import { checksums } from './checksum.js';
import { dissect, dissectMixed } from './dissect.js';
import { filter, filterChain, filterFuel, filterWrites } from './filter.js';
import { filterExchange, filterTrap } from './filterLife.js';
import { flowHash } from './flowHash.js';
import { bulk, floods, latency, queues, relayFilters, relays } from './live.js';
import { pcap } from './pcap.js';
import { pcapCompile } from './pcapCompile.js';
import { sandboxCopy } from './sandboxCopy.js';
import { segment } from './segment.js';
import { start } from './start.js';

export const groups = [
  dissect,
  dissectMixed,
  flowHash,
  ...checksums,
  segment,
  filter,
  filterWrites,
  filterChain,
  filterFuel,
  sandboxCopy,
  filterTrap,
  filterExchange,
  ...pcap,
  pcapCompile,
  breath,
  ...captures,
  ...relays,
  relayFilters,
  ...floods,
  ...bulk,
  ...latency,
  ...queues,
  start,
];
