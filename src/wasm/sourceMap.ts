import { SourceMap, type SourceMapPayload } from 'node:module';

/** Finds the line of source that a byte of a module was compiled from. */
export type SourceLines = (offset: number) => string | undefined;

/** Reads a source map when it is first needed; one that cannot be read is as good as none. */
export function sourceLines(read: () => string | undefined): SourceLines {
  let map: SourceMap | undefined;
  let isRead = false;
  return (offset) => {
    if (!isRead) {
      isRead = true;
      map = open(read);
    }
    return map === undefined ? undefined : lineOf(map, offset);
  };
}

function open(read: () => string | undefined): SourceMap | undefined {
  try {
    const text = read();
    return text === undefined ? undefined : new SourceMap(JSON.parse(text) as SourceMapPayload);
  } catch {
    return undefined;
  }
}

/** In the source map of a module, lines are none and columns are bytes. */
function lineOf(map: SourceMap, offset: number): string | undefined {
  try {
    const entry = map.findEntry(0, offset);
    // Where nothing is known, it is an object without anything, whatever the types say.
    if (!('originalSource' in entry) || typeof entry.originalSource !== 'string') return undefined;
    return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  } catch {
    return undefined;
  }
}
