// Cutting a super-packet for a port that takes none, as a line does it: into slots of the segments' pool, the last one in
// place, checksums completed.

import { functionCase, microGroup, traffic, twinCase } from 'tapline/bench';
import * as L from '../../dist/assembly/layout.js';
import { Arena } from '../../dist/src/core/arena.js';
import { Portions } from '../../dist/src/core/portions.js';
import { superTcp4 } from './superPacket.js';

const GSO_SIZE = 1460;
const frames = (seed) => traffic({ seed, count: 1, sizes: 65_535 });

export const segment = microGroup({
  name: 'segment',
  title: `A super-packet of 64 KiB into segments of ${GSO_SIZE.toLocaleString('en')} bytes`,
  reference: 'C',
  cases: [
    twinCase('C', { program: 'segment', frames, answers: (all) => all.map((frame) => digestOf(cutter(frame))) }),
    functionCase('core', ({ seed }) => {
      const { cut, giveBack } = cutter(frames(seed)[0]);
      return { packets: 1, run: () => giveBack(cut()) };
    }),
  ],
});

/** One super-packet that waits to be cut, in an arena as a line has it. */
function cutter(frame) {
  const source = {
    port: 0,
    link: L.LINK_ETHERNET,
    headerBytes: L.VNET_BYTES,
    frameBytes: 65_600,
    slots: 1,
    offloads: 0x6f,
  };
  const sink = { ...source, port: 1, headerBytes: 0, frameBytes: 1538, offloads: 0 };
  const arena = new Arena([source, sink], { frameBytes: 1666, slots: 2 * L.BATCH_COUNT });
  const { core, view, bytes } = arena;
  const portions = new Portions(arena);
  const slot = arena.take(0);
  const offset = arena.readOffset(0);
  const received = superTcp4(frame, GSO_SIZE);
  bytes.set(received, arena.address(slot) + offset);
  arena.setRoute(0, 1);
  const record = [slot, 0, received.length, offset];
  return {
    arena,
    /** Returns how many segments stand in the outbound records. */
    cut() {
      record.forEach((word, at) => view.setUint32(L.INBOUND_OFFSET + 4 * at, word, true));
      core.admit(1);
      if (core.route(1) !== 0) throw new Error('The super-packet was not to be cut');
      portions.begin('forPorts', 0, 1);
      const segments = portions.next();
      if (core.route(segments) !== segments) throw new Error('A segment was not routed');
      return segments;
    },
    /** The slots of all segments but the last, which is in the super-packet's. */
    giveBack(segments) {
      for (let i = 0; i < segments - 1; i++) arena.release(outbound(view, i, L.RECORD_SLOT));
    },
  };
}

/** FNV-1a over the segments, one behind the other. */
function digestOf({ arena, cut }) {
  let hash = 2166136261;
  const segments = cut();
  for (let i = 0; i < segments; i++) {
    const [slot, length, offset] = [L.RECORD_SLOT, L.RECORD_LENGTH, L.RECORD_OFFSET].map((field) =>
      outbound(arena.view, i, field),
    );
    const start = arena.address(slot) + offset;
    for (const byte of arena.bytes.subarray(start, start + length)) hash = Math.imul(hash ^ byte, 16777619);
  }
  return hash >>> 0;
}

function outbound(view, i, field) {
  return view.getUint32(L.OUTBOUND_OFFSET + i * L.RECORD_BYTES + field, true);
}
