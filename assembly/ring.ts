// The driver of the io_uring engine: what `src/engine/uring/driver.ts` binds to a ring memory. It alone writes submission
// entries, buffer rings and the owners of slots. No data, no heap, no start function.

// asc 0.28.20 takes `.ts` at the end of an import, but not of an export.

// The host compares these with its own before it uses the driver.
export * from './ringLayout';

export { deliver } from './ring/deliver';
export { arm, offer, wanted } from './ring/read';
export { complete } from './ring/answer';
export { hasWork, mustEnter, setWake } from './ring/wake';
export { prepare } from './ring/write';
export { reap } from './ring/reap';
export { unsubmitted } from './ring/submit';
