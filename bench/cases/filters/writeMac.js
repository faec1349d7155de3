// Writes to every packet: a byte of the source MAC address, which no checksum covers.
export default {
  name: 'write-mac',
  filter(packet) {
    packet.setU8(6, 2);
  },
};
