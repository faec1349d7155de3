import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as layout from '../../../assembly/layout.ts';
import { copyOf } from '../bench.ts';
import { frameOf, readDissected } from '../descriptor.ts';
import { descriptorOf } from '../line.ts';
import { type SuperShape, segmentFrames } from '../oracle/segment.ts';
import { get16, join, put16 } from '../packets.ts';
import { superShapes } from './arbitraries.ts';
import { type Arena, type Arriving, admit, arrivingOf, asideNumber, fillStock, openArena } from './line.ts';

/** One segment as the core made it, before and after its checksum was completed. */
interface Made {
  frame: Uint8Array;
  complete: Uint8Array;
  payload: Uint8Array;
  transport: number;
}

/** Lets a super-packet arrive and takes all its segments. */
function cutAll(arena: Arena, arriving: Arriving): Made[] {
  const made: Made[] = [];
  const slots = new Set<number>();
  expect(admit(arena, [arriving])).toBe(1);
  const read = arena.view.getUint16(descriptorOf(0) + layout.DESCRIPTOR_SLOT, true);
  arena.core.setAside(0, 1);
  for (;;) {
    fillStock(arena, layout.BATCH_COUNT);
    const count = arena.core.portion(0);
    if (count === 0) break;
    for (let index = 0; index < count; index++) {
      made.push(finish(arena, index));
      slots.add(arena.view.getUint16(descriptorOf(index) + layout.DESCRIPTOR_SLOT, true));
    }
    for (const slot of slots) arena.release(slot);
    expect(slots.has(read)).toBe(asideNumber(arena, layout.ASIDE_NEXT) === 1);
    slots.clear();
  }
  return made;
}

/** The descriptor says what `dissect` would say; then the checksum is completed. */
function finish(arena: Arena, index: number): Made {
  const address = descriptorOf(index);
  const frame = frameOf(arena, address);
  const described = copyOf(arena, address, layout.DESCRIPTOR_BYTES);
  arena.core.dissect(address, arena.view.getUint16(address + layout.DESCRIPTOR_IN_PORT, true) % 2 === 0 ? 1 : 2);
  expect(copyOf(arena, address, layout.DESCRIPTOR_BYTES)).toEqual(described);
  arena.core.complete(address);
  const { payload, payloadLength } = readDissected(arena, address);
  const complete = frameOf(arena, address);
  return {
    frame,
    complete,
    payload: complete.slice(payload, payload + payloadLength),
    transport: arena.core.verifyTransport(address),
  };
}

const hasStops = ({ chain }: SuperShape): boolean =>
  chain.some(({ protocol, word = 0 }) => protocol === 43 && (word & 0xff) > 0);

test('segments are what the oracle builds one by one, and described as dissect would describe them', () => {
  const arena = openArena();
  fc.assert(
    fc.property(superShapes, (shape) => {
      const made = cutAll(arena, arrivingOf(shape));
      const wanted = segmentFrames(shape);
      expect(made.length).toBe(wanted.length);
      wanted.forEach((frame, number) => {
        if (Buffer.compare(frame, made[number]?.complete ?? frame) !== 0)
          expect(made[number]?.complete, `segment ${number}`).toEqual(frame);
        expect(made[number]?.transport).toBe(hasStops(shape) ? 2 : 1);
      });
    }),
    { numRuns: 300 },
  );
});

test('finished copies are the same segments, and leave the super-packet as it is', () => {
  const arena = openArena();
  fc.assert(
    fc.property(superShapes, (shape) => {
      const arriving = arrivingOf(shape);
      expect(admit(arena, [arriving])).toBe(1);
      const wanted = segmentFrames(shape);
      expect(arena.core.finishedCount(0)).toBe(wanted.length);
      // The last first: none depends on another.
      for (let number = wanted.length - 1; number >= 0; number--) {
        const length = arena.core.finishedCopy(0, number, arena.staging);
        const made = copyOf(arena, arena.staging, length);
        if (Buffer.compare(made, wanted[number] ?? made) !== 0)
          expect(made, `segment ${number}`).toEqual(wanted[number]);
      }
      expect(frameOf(arena, descriptorOf(0))).toEqual(arriving.frame);
      arena.release(arena.view.getUint16(descriptorOf(0) + layout.DESCRIPTOR_SLOT, true));
    }),
    { numRuns: 100 },
  );
});

const inferable = superShapes.filter((shape) => shape.protocol === 6 && !hasStops(shape) && !shape.hidesLength);
const NO_VIRTIO = { vnetFlags: 0, gsoType: 0, hdrLen: 0, gsoSize: 0, csumStart: 0, csumOffset: 0 };

test('a super-packet without its virtio header is one again, whatever its checksum, and only above the MTU', () => {
  const arena = openArena();
  fc.assert(
    fc.property(inferable, fc.nat(0xffff), (shape, checksum) => {
      const { port, frame, virtio } = arrivingOf(shape);
      put16(frame, virtio.csumStart + virtio.csumOffset, checksum);
      expect(admit(arena, [{ port, frame, virtio: NO_VIRTIO }])).toBe(1);
      const { l3, payload } = readDissected(arena, descriptorOf(0));
      const bytes = payload - l3 + shape.payload.length;
      arena.core.inferSuper(0, bytes);
      expect(arena.core.finishedCount(0)).toBe(0);
      arena.core.inferSuper(0, payload - l3);
      expect(arena.core.finishedCount(0)).toBe(0);
      expect(frameOf(arena, descriptorOf(0))).toEqual(frame);
      arena.core.inferSuper(0, payload - l3 + shape.gsoSize);
      const wanted = segmentFrames(shape);
      expect(arena.core.finishedCount(0)).toBe(wanted.length);
      wanted.forEach((segment, number) => {
        const made = copyOf(arena, arena.staging, arena.core.finishedCopy(0, number, arena.staging));
        if (Buffer.compare(made, segment) !== 0) expect(made, `segment ${number}`).toEqual(segment);
      });
      arena.release(arena.view.getUint16(descriptorOf(0) + layout.DESCRIPTOR_SLOT, true));
    }),
    { numRuns: 100 },
  );
});

test('the sum of the segments is the super-packet', () => {
  const arena = openArena();
  fc.assert(
    fc.property(superShapes, (shape) => {
      const made = cutAll(arena, arrivingOf(shape));
      const payload = join(...made.map((one) => one.payload));
      expect(Buffer.compare(payload, shape.payload)).toBe(0);
      expect(made.slice(0, -1).every((one) => one.payload.length === shape.gsoSize)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('a wrong checksum stays wrong in every segment', () => {
  const arena = openArena();
  fc.assert(
    fc.property(
      superShapes.filter((shape) => !hasStops(shape)),
      fc.integer({ min: 1, max: 0xfffe }),
      (shape, error) => {
        const arriving = arrivingOf(shape);
        const { frame, virtio } = arriving;
        const field = virtio.csumStart + virtio.csumOffset;
        put16(frame, field, (get16(frame, field) + error) % 0xffff);
        for (const { transport } of cutAll(arena, arriving)) expect(transport).toBe(0);
      },
    ),
    { numRuns: 100 },
  );
});

test('a wrong IPv4 header checksum stays wrong in every segment', () => {
  const arena = openArena();
  fc.assert(
    fc.property(
      superShapes.filter(({ version }) => version === 4),
      (shape) => {
        const arriving = arrivingOf(shape);
        const l3 = shape.link === layout.LINK_ETHERNET ? 14 + 4 * shape.tags.length : 0;
        arriving.frame[l3 + 8] = 99;
        expect(admit(arena, [arriving])).toBe(1);
        arena.core.setAside(0, 1);
        fillStock(arena, layout.BATCH_COUNT);
        const count = arena.core.portion(0);
        const slots = Array.from({ length: count }, (_, index) => {
          expect(arena.core.verifyNetwork(descriptorOf(index))).toBe(0);
          return arena.view.getUint16(descriptorOf(index) + layout.DESCRIPTOR_SLOT, true);
        });
        // What was not cut yet keeps the slot that was read into.
        const last = arena.view.getUint16(layout.ASIDE_DESCRIPTORS_OFFSET + layout.DESCRIPTOR_SLOT, true);
        for (const slot of new Set([...slots, last])) arena.release(slot);
      },
    ),
    { numRuns: 100 },
  );
});
