import { BATCH_COUNT, LINK_ETHERNET, LINK_IP } from '../../assembly/layout.ts';
import { ArenaLayout, type PoolPlan, type SegmentPlan } from '../core/arenaLayout.ts';
import { QUEUE_COUNT } from '../engine/memoryPort.ts';
import { LineCapture } from './lineCapture.ts';
import { LineFile } from './lineFile.ts';
import { type OpenPort, isDeviceTarget } from './ports.ts';
import { LineQueue } from './queue.ts';

/** Slots of a port: two batches, one in the line and one that waits to be written. */
const SLOTS_PER_PORT = 2 * BATCH_COUNT;
/** Longest frame of a port with TSO or USO: 64 KiB, the Ethernet header, VLAN tags, and room to see what is longer. */
const SUPER_FRAME_BYTES = 65_600;
/** Beyond the MTU: Ethernet header 14, VLAN tags, and room to see what is longer. */
const LINK_BYTES = 38;
/** What filters may have pushed before a super-packet: each segment gets a copy of it. */
const PUSHED_BYTES = 128;
/** MTU that a queue is made for. */
const QUEUE_MTU = 1500;
/** A capture that is written reads nothing: the least that a pool can be. */
const UNUSED_POOL = { frameBytes: 64, slots: 1 };
/** Readers that may keep all that a queue holds without ending the reading of devices. */
const STALLED_READERS = 2;
/** So many times SLOTS_PER_PORT slots go into one arena, whatever the size of the frames. */
const PORT_SHARES = 120;

/**
 * The pools of a line's ports. What comes in needs room for what the line negotiated (`masks`, by port); what goes out may
 * be all that the port was granted.
 */
export function poolPlans(ports: readonly OpenPort[], masks: readonly number[]): PoolPlan[] {
  const slots = slotsOfDevice(ports);
  return ports.map(({ number, link, headerBytes, offloads, target }, i) => ({
    port: number,
    link: link === 'ethernet' ? LINK_ETHERNET : LINK_IP,
    headerBytes,
    offloads,
    ...(target instanceof LineCapture
      ? UNUSED_POOL
      : {
          frameBytes: frameBytes(target, masks[i] ?? 0),
          slots: target instanceof LineQueue || target instanceof LineFile ? SLOTS_PER_PORT : slots,
        }),
    interfaceIndex: 'index' in target ? target.index : 0,
  }));
}

/** What lies where in the arena of a line that is opened over such ports. */
export function layoutOf(ports: readonly OpenPort[]): ArenaLayout {
  const masks = ports.map(({ offloads }) => offloads);
  return new ArenaLayout(poolPlans(ports, masks), segmentPlan(ports, masks));
}

/**
 * The pool in which super-packets are cut: room for a segment of the longest MTU and for what filters push; undefined where
 * no super-packet can come in. Slots for two batches, as a port has, and for frames that wait in queues.
 */
export function segmentPlan(ports: readonly OpenPort[], masks: readonly number[]): SegmentPlan | undefined {
  const lengths = ports.flatMap(({ target, number, headerBytes, gives }) => {
    if (target instanceof LineFile) return target.mtu === undefined ? [] : [target.mtu + LINK_BYTES];
    if (!gives || headerBytes === 0) return [];
    return [isDeviceTarget(target) ? target.mtu() + LINK_BYTES : frameBytes(target, masks[number] ?? 0)];
  });
  if (lengths.length === 0) return undefined;
  const queues = ports.filter(({ target }) => target instanceof LineQueue).length;
  return {
    frameBytes: Math.max(...lengths) + PUSHED_BYTES,
    slots: SLOTS_PER_PORT + Math.min(queues, STALLED_READERS) * QUEUE_COUNT,
  };
}

/**
 * Frames that wait in a queue for its reader occupy slots of the device that they came from: without slots beside those,
 * a reader that stays away would end the reading for everybody. Who sends into a queue waits instead, and so does a file.
 */
function slotsOfDevice(ports: readonly OpenPort[]): number {
  const queues = ports.filter(({ target }) => target instanceof LineQueue).length;
  const devices = ports.filter(({ target }) => isDeviceTarget(target)).length;
  const affordable = Math.floor((PORT_SHARES - ports.length) / Math.max(1, devices));
  return SLOTS_PER_PORT + Math.min(queues, STALLED_READERS, affordable) * QUEUE_COUNT;
}

/** The longest packet, as an MTU counts it, that a pool has room for; beyond that lie the bytes of the link. */
export function roomOf({ frameBytes }: PoolPlan): number {
  return frameBytes - LINK_BYTES;
}

/** What a file holds is not known before it is read. */
function frameBytes(target: OpenPort['target'], mask: number): number {
  const isSuper = mask > 1;
  if (target instanceof LineFile || target instanceof LineCapture) return SUPER_FRAME_BYTES;
  if (target instanceof LineQueue) {
    return target.options.frameBytes ?? (isSuper ? SUPER_FRAME_BYTES : QUEUE_MTU + LINK_BYTES);
  }
  return isSuper ? SUPER_FRAME_BYTES : target.mtu() + LINK_BYTES;
}
