// The core: what `src/core/core.ts` binds to an arena. Everything here works on imported memory; there is no data, no
// heap and no start function, so that many lines can share one compiled module.

// asc 0.28.20 takes `.ts` at the end of an import, but not of an export.

// The host compares these with its own before it uses the core.
export * from './layout';
export * from './fields';

export { admit } from './admit';
export { checksum } from './checksum';
export { complete, completeActive } from './complete';
export { dissect } from './dissect';
export { edit } from './edit';
export { flowHash } from './flow';
export { gather, roomBefore, scatter } from './gather';
export { merge } from './merge';
export { mirror } from './mirror';
export { pop, push } from './resize';
export { route } from './route';
export { portion, setAside, supers } from './segment/aside';
export { segments } from './segment/count';
export { finishedCopy, finishedCount } from './segment/finished';
export { inferSuper } from './segment/infer';
export { mirrorSegment } from './segment/mirrorSegment';
export { settle } from './settle';
export { verifyNetwork, verifyTransport } from './verify';
