import { inspect } from 'node:util';
import { offloadMask } from '../device/offloadMask.ts';
import type { OffloadChoice } from '../device/offloads.ts';
import { suggest } from '../suggest.ts';

/** What a queue carries. */
export interface QueueOptions {
  /** `'ethernet'` frames as a TAP device has them (the default), or `'ip'` packets as a TUN device has them. */
  readonly link?: 'ethernet' | 'ip';
  /**
   * Longest frame that may be sent, in bytes: 64 to 65,600. Default 1,538: MTU 1,500, Ethernet header, VLAN tags; 65,600
   * where the line uses offloads for super-packets.
   */
  readonly frameBytes?: number;
  /** Puts a virtio_net_hdr before each frame, in both directions; `frameBytes` does not count it. Default false. */
  readonly virtioHeader?: boolean;
  /**
   * Offloads that come out of the line unfinished: partial checksums, super-packets. What is not among them comes out
   * finished: with complete checksums, in segments. Default none; needs `virtioHeader`.
   */
  readonly offloads?: OffloadChoice;
}

const KEYS = ['link', 'frameBytes', 'virtioHeader', 'offloads'];
const FRAME_BYTES = { least: 64, most: 65_600 };

/**
 * Checks the options of a queue.
 *
 * @throws {TypeError} for an unknown option, or one of the wrong type
 * @throws {RangeError} for a frame size outside its range
 */
export function checkQueueOptions(options: QueueOptions): void {
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) throw new TypeError(`Cannot make a queue with '${key}'${suggest(key, KEYS)}`);
  }
  const { link = 'ethernet', frameBytes = FRAME_BYTES.most, virtioHeader = false, offloads = 'none' } = options;
  if (!['ethernet', 'ip'].includes(link)) {
    throw new TypeError(`Cannot make a queue with link ${inspect(link)}: expected 'ethernet' or 'ip'`);
  }
  if (typeof virtioHeader !== 'boolean') {
    throw new TypeError(`Cannot make a queue with virtioHeader ${inspect(virtioHeader)}: expected true or false`);
  }
  const { least, most } = FRAME_BYTES;
  if (!Number.isInteger(frameBytes) || frameBytes < least || frameBytes > most) {
    throw new RangeError(`Cannot make a queue with frameBytes ${inspect(frameBytes)}: expected ${least} to ${most}`);
  }
  offloadMask(offloads, virtioHeader);
}
