import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import * as L from '../../assembly/layout.ts';
import { openCapture } from '../../src/capture/reader.ts';
import { LINKTYPE_ETHERNET } from '../../src/capture/linkType.ts';
import { corpusFiles, isCorpusMissing } from '../capture/support/corpus.ts';
import { isMissing, run } from '../capture/support/tools.ts';
import { openBench } from './bench.ts';
import { type Dissected, dissectFrame } from './descriptor.ts';
import { type Layers, ourLayers, theirLayers } from './support/layers.ts';
import { type Judged, judge } from './support/tshark.ts';

/** A packet that both have seen. */
interface Seen {
  readonly found: Dissected;
  readonly frame: Uint8Array;
  readonly judged: Judged;
  readonly ours: Layers;
  readonly theirs: Layers;
}

/** Everything behind the link header. */
const beyondLink = [
  ...['network', 'ipHeaderBytes', 'networkChecksum', 'isFragment', 'fragmentOffset', 'protocol', 'transport'],
  ...['sourcePort', 'destinationPort', 'tcpHeaderBytes', 'tcpFlags', 'icmpType', 'icmpCode', 'transportChecksum'],
];
const beyondNetwork = beyondLink.slice(3);

/** Where we mean to differ, in which fields: docs/arena.md says why of each, under the same names. */
const differences: Readonly<Record<string, { readonly fields: readonly string[]; applies(seen: Seen): boolean }>> = {
  'malformed header': { fields: beyondLink, applies: ({ found }) => found.malformed !== L.MALFORMED_NONE },
  'Ethernet header cut': {
    fields: ['etherType'],
    applies: ({ found }) => found.malformed === L.MALFORMED_ETHERNET_SHORT,
  },
  'IP length 0': { fields: beyondNetwork, applies: ({ found, frame }) => announcesNothing(found, frame) },
  'ARP of other addresses': {
    fields: ['network', 'arpOperation'],
    applies: ({ found, ours, theirs }) =>
      found.etherType === 0x0806 && theirs.network === 'arp' && (ours.network === undefined || isAtm(theirs)),
  },
  'IP version': {
    fields: beyondLink,
    applies: ({ ours, theirs }) => ours.etherType === undefined && ours.network !== theirs.network,
  },
  'end of the packet missing': {
    fields: ['transportChecksum'],
    applies: ({ found, ours }) => (found.flags & L.PACKET_TRUNCATED) !== 0 && ours.transportChecksum === 'unknown',
  },
  'segments left': {
    fields: ['transportChecksum'],
    applies: ({ found, ours }) => (found.flags & L.PACKET_SEGMENTS_LEFT) !== 0 && ours.transportChecksum === 'unknown',
  },
};

/** tshark reads it as one of ATM's, and finds no operation. */
function isAtm({ arpOperation }: Layers): boolean {
  return arpOperation === undefined;
}

function announcesNothing({ flags, l3 }: Dissected, frame: Uint8Array): boolean {
  const field = (flags & L.PACKET_IPV4) !== 0 ? l3 + 2 : (flags & L.PACKET_IPV6) !== 0 ? l3 + 4 : -1;
  return field >= 0 && frame[field] === 0 && frame[field + 1] === 0;
}

test.skipIf(isCorpusMissing || isMissing('tshark', 'mergecap'))(
  'dissect says of every packet of the corpus what tshark says, but for differences that are meant',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapline-tshark-'));
    try {
      // One tshark for all files, since starting it costs more than what it does.
      const path = join(folder, 'all.pcapng');
      run('mergecap', ['-a', '-F', 'pcapng', '-w', path, ...corpusFiles]);
      const names = await packetNames();
      const used = new Map<string, number>();
      const wrong: string[] = [];
      let count = 0;
      for (const seen of await packetsOf(path)) {
        for (const field of differing(seen)) {
          const difference = Object.keys(differences).find((name) => isMeant(name, field, seen));
          if (difference !== undefined) used.set(difference, (used.get(difference) ?? 0) + 1);
          else wrong.push(`${names[count]}: ${field}: ${JSON.stringify([seen.ours, seen.theirs])}`);
        }
        count++;
      }
      expect(wrong).toEqual([]);
      expect(count).toBeGreaterThan(5000);
      // A difference that no packet shows is none.
      expect([...used.keys()].sort()).toEqual(Object.keys(differences).sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

function isMeant(name: string, field: string, seen: Seen): boolean {
  const difference = differences[name];
  return difference?.fields.includes(field) === true && difference.applies(seen);
}

async function packetsOf(path: string): Promise<Seen[]> {
  const bench = openBench();
  const all = judge(path);
  const packets: Seen[] = [];
  using reader = await openCapture(path);
  while (reader.next()) {
    const frame = reader.packet().slice();
    const isEthernet = reader.interfaces[reader.interface]?.linkType === LINKTYPE_ETHERNET;
    const found = dissectFrame(bench, frame, isEthernet ? L.LINK_ETHERNET : L.LINK_IP);
    const judged = all[packets.length];
    if (judged === undefined) throw new Error('tshark has seen fewer packets');
    packets.push({ found, frame, judged, ours: ourLayers(bench, frame, found), theirs: theirLayers(judged) });
  }
  expect(packets).toHaveLength(all.length);
  return packets;
}

function differing({ ours, theirs }: Seen): string[] {
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]) as Set<keyof Layers>;
  return [...keys].filter((key) => ours[key] !== theirs[key] && !(key === 'fragmentOffset' && isInUnits(ours, theirs)));
}

/** Wireshark counts offsets of fragments in units of 8 bytes, or in bytes: that depends on its version. */
function isInUnits(ours: Layers, theirs: Layers): boolean {
  return theirs.fragmentOffset !== undefined && theirs.fragmentOffset * 8 === ours.fragmentOffset;
}

/** File and number of each packet, for messages. */
async function packetNames(): Promise<string[]> {
  const names: string[] = [];
  for (const path of corpusFiles) {
    using reader = await openCapture(path);
    while (reader.next()) names.push(`${basename(path)} packet ${reader.packets}`);
  }
  return names;
}
