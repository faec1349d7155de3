import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/reader.ts';
import { corpusFiles, isCorpusMissing } from './support/corpus.ts';
import { type JudgedPacket, capinfosCounts, isMissing, run, tsharkPackets, tsharkTime } from './support/tools.ts';

describe.skipIf(isCorpusMissing || isMissing('tshark', 'capinfos', 'mergecap'))('captures that others made', () => {
  it('have as many packets as capinfos counts', async () => {
    const found: [name: string, count: number][] = [];
    for (const path of corpusFiles) found.push([basename(path), (await packetsOf(path)).length]);
    const counts = capinfosCounts(corpusFiles);
    expect(found).toEqual(corpusFiles.map((path, i) => [basename(path), counts[i]]));
  });

  // One tshark for all files, since starting it costs more than what it does: mergecap lines them up.
  it('have lengths and times as tshark says, to the nanosecond, one by one and merged into one file', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'all.pcapng');
      run('mergecap', ['-a', '-F', 'pcapng', '-w', path, ...corpusFiles]);
      const wanted = tsharkPackets(path);
      expect(wanted.length).toBeGreaterThan(5000);
      const found: JudgedPacket[] = [];
      for (const file of corpusFiles) found.push(...(await packetsOf(file)));
      expect(found).toEqual(wanted);
      expect(await packetsOf(path)).toEqual(wanted);
    });
  });
});

async function packetsOf(path: string): Promise<JudgedPacket[]> {
  using reader = await openCapture(path);
  const packets: JudgedPacket[] = [];
  while (reader.next()) {
    packets.push({ length: reader.length, wireLength: reader.wireLength, time: tsharkTime(reader.timeNs) });
  }
  return packets;
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tapline-corpus-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
