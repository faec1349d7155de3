// Answers pings to every address behind a TUN device: a network full of machines that do not exist.
//
//   tapline run --tun echo0 --address 10.99.0.1/24 --filter ./responder.mjs
//   ping 10.99.0.42

const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;

export default {
  name: 'responder',
  reasons: ['notAPing'],
  filter(packet) {
    if (!packet.isIpv4 || !packet.isIcmp || packet.icmpType !== ECHO_REQUEST) return packet.drop('notAPing');
    const { sourceIpv4, destinationIpv4 } = packet;
    packet.sourceIpv4 = destinationIpv4;
    packet.destinationIpv4 = sourceIpv4;
    packet.icmpType = ECHO_REPLY; // Setters keep the checksums right.
    return packet.reflect();
  },
};
