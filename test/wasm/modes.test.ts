import { describe, expect, it } from 'vitest';
import { LINK_ETHERNET } from '../../assembly/layout.ts';
import { wasmFilter } from '../../src/index.ts';
import { nativeCopies } from '../../src/pipeline/copies.ts';
import { loadLibc } from '../../src/sys/libc.ts';
import { udpFrame } from '../../src/testing/index.ts';
import { captureFiles, corpusFolder, readCapture } from '../assembly/pcap.ts';
import { Bench, type Judged } from './support/bothModes.ts';
import { testFilters } from './support/filters.ts';

const files = captureFiles(corpusFolder());
if (files.length === 0) console.log(`skipped: no captures in ${corpusFolder()} (TAPLINE_CORPUS names another folder)`);
/** Longer ones fit no slot. */
const FRAME_BYTES = 65_600;
// Without the corpus, frames of our own at every length.
const packets =
  files.length > 0
    ? files.flatMap(readCapture).filter(({ frame }) => frame.length > 0 && frame.length <= FRAME_BYTES)
    : Array.from({ length: 300 }, (_, i) => ({ link: LINK_ETHERNET, frame: udpFrame({ payload: new Uint8Array(i) }) }));

describe('in a sandbox and in place', () => {
  it.each(testFilters)('a filter that $name does the same', async ({ bytes, config }) => {
    const module = await bytes();
    const bindCopy = nativeCopies(await loadLibc());
    const sandboxed = new Bench((await wasmFilter(module))(config), { bindCopy });
    const plain = new Bench((await wasmFilter(module))(config));
    const inPlace = new Bench((await wasmFilter(module, { trusted: true }))(config));
    const benches = [sandboxed, plain, inPlace];
    const [first, ...others] = benches.map((bench) => bench.judge(packets));
    for (const other of others) {
      other.forEach((judged, i) => {
        if (!isSame(judged, first?.[i])) expect(judged, `packet ${i}`).toEqual(first?.[i]);
      });
    }
    expect(sandboxed.counts.packets).toBe(packets.length);
    expect([plain.counts, inPlace.counts]).toEqual([sandboxed.counts, sandboxed.counts]);
    expect(inPlace.counters).toEqual(sandboxed.counters);
    for (const bench of benches) bench.close();
  });
});

/** `toEqual` is too slow to be asked thousands of times when it almost always says yes. */
function isSame(one: Judged, other: Judged | undefined): boolean {
  if (one.outcome !== other?.outcome || one.descriptor !== other.descriptor) return false;
  return Buffer.compare(one.bytes, other.bytes) === 0;
}
