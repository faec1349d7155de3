import { BATCH_COUNT, LINK_ETHERNET, LINK_IP } from '../../assembly/layout.ts';
import type { PoolPlan } from '../core/arena.ts';
import { QUEUE_COUNT } from '../engine/memoryPort.ts';
import type { OpenPort } from './ports.ts';
import { LineQueue } from './queue.ts';

/** Slots of a port: two batches, one in the line and one that waits to be written. */
const SLOTS_PER_PORT = 2 * BATCH_COUNT;
/** Longest frame of a port with TSO or USO: 64 KiB, the Ethernet header, VLAN tags, and room to see what is longer. */
const SUPER_FRAME_BYTES = 65_600;
/** Beyond the MTU: Ethernet header 14, VLAN tags, and room to see what is longer. */
const LINK_BYTES = 38;
/** MTU that a queue is made for. */
const QUEUE_MTU = 1500;
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
    frameBytes: frameBytes(target, masks[i] ?? 0),
    slots: target instanceof LineQueue ? SLOTS_PER_PORT : slots,
    offloads,
  }));
}

/**
 * Frames that wait in a queue for its reader occupy slots of the device that they came from: without slots beside those,
 * a reader that stays away would end the reading for everybody. Who sends into a queue waits instead.
 */
function slotsOfDevice(ports: readonly OpenPort[]): number {
  const queues = ports.filter(({ target }) => target instanceof LineQueue).length;
  const devices = ports.length - queues;
  const affordable = Math.floor((PORT_SHARES - ports.length) / Math.max(1, devices));
  return SLOTS_PER_PORT + Math.min(queues, STALLED_READERS, affordable) * QUEUE_COUNT;
}

/** The longest packet, as an MTU counts it, that a pool has room for; beyond that lie the bytes of the link. */
export function roomOf({ frameBytes }: PoolPlan): number {
  return frameBytes - LINK_BYTES;
}

function frameBytes(target: OpenPort['target'], mask: number): number {
  const isSuper = mask > 1;
  if (target instanceof LineQueue) {
    return target.options.frameBytes ?? (isSuper ? SUPER_FRAME_BYTES : QUEUE_MTU + LINK_BYTES);
  }
  return isSuper ? SUPER_FRAME_BYTES : target.mtu() + LINK_BYTES;
}
