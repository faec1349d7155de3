// What authors of filters import: `import { Packet, Verdict } from "tapline/assembly/filter"`. docs/writing-filters.md
// begins at the beginning, docs/filter-library.md describes the tables.

// asc 0.28.20 takes `.ts` at the end of an import, but not of an export.
export { Packet } from './packet';
export { Payload } from './payload';
export { Prefix } from './prefix';
export { Verdict } from './verdict';
export { isStateKept, now } from './batch';
export { FlowTable, flowTable } from './flowTable';
export { LruMap, lruMap } from './lruMap';
export { PrefixTable, prefixTable } from './prefixTable';
export { TokenBucket } from './tokenBucket';
export { random, randomBelow } from './random';
export { trace } from './trace';

// For what the compiler transform and `tapline build` write.
export { at, configAddress, countersAddress, decide, enter, first, stateAddress } from './batch';
