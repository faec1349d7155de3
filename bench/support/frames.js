/** A TCP segment from 10.0.0.1:1000 to 10.0.0.2:2000 in an Ethernet frame of `bytes`, 54 at least. */
export function tcpFrame(bytes) {
  const frame = new Uint8Array(bytes);
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
  const length = bytes - 14;
  frame.set([0x45, 0, length >> 8, length & 255, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], 14);
  frame.set([1000 >> 8, 1000 & 255, 2000 >> 8, 2000 & 255, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 0xff, 0xff], 34);
  return frame;
}

/** A TCP super-packet of `bytes` with a timestamp option, 66 bytes of headers, and its virtio header before it. */
export function superFrame(bytes, gsoSize) {
  const frame = new Uint8Array(12 + bytes).map((_, at) => at * 7);
  frame.set(tcpFrame(bytes).subarray(0, 54), 12);
  frame[12 + 34 + 12] = 0x80;
  frame.set([1, 1, 66, 0, gsoSize & 255, gsoSize >> 8, 34, 0, 16, 0, 0, 0]);
  return frame;
}
