/** A TCP segment from 10.0.0.1:1000 to 10.0.0.2:2000 in an Ethernet frame of `bytes`, 54 at least. */
export function tcpFrame(bytes) {
  const frame = new Uint8Array(bytes);
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
  const length = bytes - 14;
  frame.set([0x45, 0, length >> 8, length & 255, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], 14);
  frame.set([1000 >> 8, 1000 & 255, 2000 >> 8, 2000 & 255, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 0xff, 0xff], 34);
  return frame;
}
