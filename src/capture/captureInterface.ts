import type { Clock } from './timestamp.ts';

/** What a capture file says of an interface. A pcap file has one without a name. */
export interface CaptureInterface {
  /** if_name, or an empty string. */
  readonly name: string;
  /** LINKTYPE_*: see `linkType.ts`. */
  readonly linkType: number;
  /** Most bytes that were captured of a packet; 0: no limit. Nothing is allocated because of it. */
  readonly snapLength: number;
  readonly clock: Clock;
  /** Packets that the interface received, and of these the ones that the capture lost, as the file says at its end. */
  received: number | undefined;
  dropped: number | undefined;
}
