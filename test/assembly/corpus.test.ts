import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { openBench } from './bench.ts';
import { NO_VIRTIO, dissectFrame } from './descriptor.ts';
import { dissect } from './oracle/dissect.ts';
import { captureFiles, corpusFolder, readCapture } from './pcap.ts';

const bench = openBench();
const folder = corpusFolder();
const files = captureFiles(folder);
if (files.length === 0) console.log(`skipped: no captures in ${folder} (TAPLINE_CORPUS names another folder)`);

test.skipIf(files.length === 0)('dissect agrees with the oracle on every packet of the corpus', () => {
  let count = 0;
  for (const { file, number, link, frame } of files.flatMap(readCapture)) {
    expect(dissectFrame(bench, frame, link), `${basename(file)} packet ${number}`).toEqual(
      dissect(frame, link, NO_VIRTIO),
    );
    count++;
  }
  expect(count).toBeGreaterThan(1000);
});

test.skipIf(files.length === 0)('dissect agrees with the oracle on the corpus cut at every length up to 96', () => {
  // Three packets of each capture: enough for every protocol, and seconds rather than minutes.
  for (const { file, number, link, frame } of files.flatMap((name) => readCapture(name).slice(0, 3))) {
    for (let length = 0; length <= Math.min(frame.length, 96); length++) {
      const cut = frame.slice(0, length);
      const found = dissectFrame(bench, cut, link);
      const wanted = dissect(cut, link, NO_VIRTIO);
      // `toEqual` is too slow to be asked 50,000 times when it almost always says yes.
      if (JSON.stringify(found) !== JSON.stringify(wanted)) {
        expect(found, `${basename(file)} packet ${number} cut to ${length}`).toEqual(wanted);
      }
    }
  }
});
