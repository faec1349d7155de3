import { tcpFrame } from '../../../src/testing/index.ts';
import { VirtioFrame } from './virtio.ts';

const SEQUENCE = 0xffff_ff00;
const PSH_ACK = 0x18;

/** `bytes` bytes that differ from their neighbours, and between seeds. */
export function patternOf(bytes: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => (at * 7 + (at >> 8) * 3 + seed) & 0xff);
}

/** A TCP super-packet as a queue with a virtio header takes it. */
export function superOf(payload: Uint8Array, gsoSize: number, identification = 1): Uint8Array {
  const frame = tcpFrame({ payload, identification, sequence: SEQUENCE, tcpFlags: PSH_ACK });
  return VirtioFrame.partial(frame, { gsoType: 1, gsoSize });
}

/** The frames that the kernel of a receiver would have seen had the sender cut it. */
export function segmentsOf(payload: Uint8Array, gsoSize: number, identification = 1): Uint8Array[] {
  const count = Math.ceil(payload.length / gsoSize);
  return Array.from({ length: count }, (_, number) =>
    tcpFrame({
      payload: payload.slice(number * gsoSize, (number + 1) * gsoSize),
      identification: (identification + number) & 0xffff,
      sequence: (SEQUENCE + number * gsoSize) >>> 0,
      tcpFlags: number === count - 1 ? PSH_ACK : PSH_ACK & ~8,
    }),
  );
}
