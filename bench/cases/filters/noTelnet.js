// What a user's first filter looks like: two tests of header fields.
export default {
  name: 'no-telnet',
  filter(packet) {
    if (packet.isTcp && packet.destinationPort === 23) return packet.drop();
    return undefined;
  },
};
