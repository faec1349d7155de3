import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { tcpFrame } from '../../src/testing/index.ts';
import { pcapHeader, pcapRecord } from '../capture/support/build.ts';
import { isBuildMissing } from '../capture/support/copyChild.ts';

const CHILD = fileURLToPath(new URL('support/replayChild.js', import.meta.url));
const MEBIBYTE = 2 ** 20;
const TOTAL_BYTES = 400 * MEBIBYTE;

/** Feeds a line in a process of its own with a capture of 400 MiB, which nobody has as a whole. */
async function replay(frame: Uint8Array): Promise<{ read: number; captured: number; rssBytes: number; sent: number }> {
  const record = pcapRecord(frame);
  const piece = Buffer.concat(Array.from({ length: Math.ceil(MEBIBYTE / record.length) }, () => record));
  const pieces = Math.ceil(TOTAL_BYTES / piece.length);
  const child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.write(pcapHeader());
  for (let i = 0; i < pieces; i++) if (!child.stdin.write(piece)) await once(child.stdin, 'drain');
  child.stdin.end();
  await ended;
  const found = JSON.parse(output) as { read: number; captured: number; rssBytes: number };
  return { ...found, sent: pieces * Math.ceil(MEBIBYTE / record.length) };
}

it.skipIf(isBuildMissing).each([[60], [1500], [65_000]])(
  'a line over a capture of 400 MiB, with packets of %i bytes, stays below 150 MiB of memory',
  async (bytes) => {
    const { read, captured, rssBytes, sent } = await replay(tcpFrame({ payload: new Uint8Array(bytes - 54) }));
    expect([read, captured]).toEqual([sent, sent]);
    expect(rssBytes).toBeLessThan(150 * MEBIBYTE);
  },
);
