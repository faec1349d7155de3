/** What may be wrong on purpose. */
export interface GsoFields {
  readonly gsoType?: number;
  readonly gsoSize?: number;
  readonly csumStart?: number;
}

export const VirtioFrame = {
  /**
   * A TCP frame over IPv4, without options, as a kernel with offloads hands it over: with a virtio_net_hdr, and the sum of
   * the pseudo-header where the checksum will be.
   */
  partial(frame: Uint8Array, { gsoType = 0, gsoSize = 0, csumStart = 34 }: GsoFields = {}): Uint8Array {
    const copy = new Uint8Array(12 + frame.length);
    copy.set(frame, 12);
    const view = new DataView(copy.buffer);
    view.setUint8(0, 1);
    view.setUint8(1, gsoType);
    view.setUint16(4, gsoSize, true);
    view.setUint16(6, csumStart, true);
    view.setUint16(8, 16, true);
    let sum = 6 + frame.length - 34;
    for (let at = 12 + 26; at < 12 + 34; at += 2) sum += view.getUint16(at);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    view.setUint16(12 + 34 + 16, sum);
    return copy;
  },
};
