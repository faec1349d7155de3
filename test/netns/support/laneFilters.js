// Filters for lines with lanes: each lane imports this module for itself.

import { workerData } from 'node:worker_threads';

/** Lets everything go on, and counts it. */
export const pass = {
  name: 'pass',
  counters: ['seen'],
  filter(packet, { counters }) {
    counters.seen++;
  },
};

/** Drops pings whose payload is longer than the limit. */
export const limit = {
  name: 'limit',
  config: { bytes: { type: 'u16', default: 1000 } },
  reasons: ['tooLong'],
  filter: (packet, { config }) =>
    packet.isIcmp && packet.payloadLength > config.bytes ? packet.drop('tooLong') : undefined,
};

/** Fails at a datagram to port 666, in the way that it was told. */
export const mortal = (way) => ({
  name: 'mortal',
  filter(packet) {
    if (packet.destinationPort === 666) deaths[way]();
  },
});

const deaths = {
  exit: () => process.exit(3),
  hang() {
    for (;;);
  },
  wait: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  memory() {
    const hoard = [];
    for (;;) hoard.push(new Array(100_000).fill(hoard.length));
  },
  throw: () => {
    // Behind the filter's back: what a filter throws itself costs only its packet.
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  },
};

/** Cannot be made in one lane, whatever the others say. */
export const fussy = ({ lane }) => {
  if (workerData?.lane === lane) throw new RangeError(`not in lane ${lane}`);
  return { name: 'pass', filter: () => undefined };
};

/** Writes the number of the lane into the fifth byte of each datagram's payload. */
export const stamp = () => ({
  name: 'stamp',
  counters: ['stamped'],
  filter(packet, { counters }) {
    if (!packet.isUdp || packet.payloadLength !== 32) return;
    packet.setU8(packet.payloadOffset + 4, workerData.lane);
    counters.stamped++;
  },
});

/** Takes no other configuration in one lane. Shows the one that it has. */
export const picky = ({ lane }) => ({
  manifest: { name: 'picky', config: { level: { type: 'u8', default: 1 } } },
  open() {
    let level = 1;
    return {
      judge: () => undefined,
      configure(config) {
        if (config.level > 1 && workerData?.lane === lane) throw new RangeError(`lane ${lane} takes no other level`);
        level = config.level ?? level;
      },
      counters: () => ({}),
      state: () => ({ level }),
      close: () => undefined,
    };
  },
});

/** Throws for datagrams to port 667. */
export const faulty = {
  name: 'faulty',
  filter(packet) {
    if (packet.destinationPort === 667) throw new Error('not this one');
  },
};
