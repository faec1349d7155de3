import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LINK_ETHERNET, LINK_IP } from '../../assembly/layout.ts';

/** One packet of a capture. */
export interface Captured {
  file: string;
  number: number;
  link: number;
  frame: Uint8Array;
  /** Bytes that it had on the wire. */
  wireLength: number;
}

/** LINKTYPE_*, https://www.tcpdump.org/linktypes.html, as far as a line can carry it. */
const LINKS = new Map([
  [1, LINK_ETHERNET],
  [12, LINK_IP],
  [14, LINK_IP],
  [101, LINK_IP],
  [228, LINK_IP],
  [229, LINK_IP],
]);
const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;

/** Where captures that nobody in this project made may lie. */
export function corpusFolder(): string {
  return process.env['TAPLINE_CORPUS'] ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
}

/** All classic pcap files under `folder`; none if there is no such folder. */
export function captureFiles(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\.p?cap$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** The Ethernet and raw IP packets of a classic pcap file, in either byte order; of other files none. */
export function readCapture(file: string): Captured[] {
  const data = readFileSync(file);
  if (data.length < FILE_HEADER_BYTES) return [];
  const isLittle = [0xa1b2c3d4, 0xa1b23c4d].includes(data.readUInt32LE(0));
  if (!isLittle && ![0xa1b2c3d4, 0xa1b23c4d].includes(data.readUInt32BE(0))) return [];
  const word = (offset: number): number => (isLittle ? data.readUInt32LE(offset) : data.readUInt32BE(offset));
  const link = LINKS.get(word(20) & 0xffff);
  if (link === undefined) return [];
  const packets: Captured[] = [];
  let offset = FILE_HEADER_BYTES;
  while (offset + PACKET_HEADER_BYTES <= data.length) {
    const start = offset + PACKET_HEADER_BYTES;
    const end = start + word(offset + 8);
    if (end > data.length) break;
    const wireLength = word(offset + 12);
    packets.push({
      file,
      number: packets.length + 1,
      link,
      frame: Uint8Array.from(data.subarray(start, end)),
      wireLength,
    });
    offset = end;
  }
  return packets;
}
