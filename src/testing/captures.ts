import { openCapture } from '../capture/reader.ts';
import { createCapture } from '../capture/writer.ts';

const LINK_TYPE_ETHERNET = 1;
const LINK_TYPE_RAW = 101;

/** The frames of a pcap or pcapng file, as they were captured. @throws {TaplineError} `BAD_CAPTURE` */
export async function readFrames(path: string): Promise<Uint8Array[]> {
  const reader = await openCapture(path);
  const frames: Uint8Array[] = [];
  try {
    while (await reader.advance()) {
      frames.push(reader.bytes.slice(reader.dataOffset, reader.dataOffset + reader.length));
    }
  } finally {
    reader.close();
  }
  return frames;
}

/** Writes frames into a file that Wireshark opens, a millisecond apart; pcapng, or pcap if its name ends in `.pcap`. */
export async function writeFrames(
  path: string,
  frames: Iterable<Uint8Array>,
  { link = 'ethernet' }: { readonly link?: 'ethernet' | 'ip' } = {},
): Promise<void> {
  const linkType = link === 'ethernet' ? LINK_TYPE_ETHERNET : LINK_TYPE_RAW;
  const writer = createCapture(path, { interfaces: [{ name: 'test', linkType }] });
  let timeNs = 0n;
  for (const frame of frames) {
    writer.write(frame, { timeNs });
    timeNs += 1_000_000n;
  }
  await writer.close();
}
