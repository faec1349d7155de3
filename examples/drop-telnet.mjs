// A filter is a plain object. Nothing to import, nothing to build:
//
//   tapline run --tap lan0 --tap wan0 --filter ./drop-telnet.mjs

export default {
  name: 'drop-telnet',
  reasons: ['telnet'],
  filter(packet) {
    if (packet.isTcp && packet.destinationPort === 23) return packet.drop('telnet');
  },
};
