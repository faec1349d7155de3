// A pipeline file says what flags do not. Loading it opens nothing; `tapline run` opens it:
//
//   tapline run ./bridge.mjs
//
// Two TAP devices are bridged; what comes in by the lan side goes through a filter that lowers the TTL, as a router would.

import { tap } from 'tapline';

const hop = {
  name: 'hop',
  reasons: ['ttlExceeded'],
  filter(packet) {
    if (packet.inPort !== 'lan' || packet.ipVersion === 0) return;
    if (packet.ttl <= 1) return packet.drop('ttlExceeded');
    packet.ttl--;
  },
};

export default {
  ports: { lan: tap('lan0'), wan: tap('wan0') },
  routes: { lan: 'wan', wan: 'lan' },
  filters: [hop],
};
