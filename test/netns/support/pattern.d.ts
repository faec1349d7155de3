/** The bytes that `server.js` sends. */
export function patternChunks(bytes: number): Generator<Uint8Array>;
