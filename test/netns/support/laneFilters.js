// Filters for lines with lanes: each lane imports this module for itself.

import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

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

/** Kills the worker of lane 0 when it has just begun, but only the first one; that of lane 1 takes its time. */
export const frail = async ({ mark }) => {
  if (workerData?.lane === 1) await pause(700);
  return {
    manifest: { name: 'frail' },
    open() {
      const isFirst = workerData?.lane === 0 && !existsSync(mark);
      if (isFirst) writeFileSync(mark, '');
      if (isFirst) setImmediate(() => process.exit(3));
      return {
        judge: () => undefined,
        configure: () => undefined,
        counters: () => ({}),
        state: () => ({ lane: workerData.lane }),
        close: () => undefined,
      };
    },
  };
};

/** Says on the port of its thread what only the lane should say; shows what it finds there, or what cannot be sent. */
export const forger = ({ isSecret }) => {
  if (workerData?.lane !== undefined) {
    const reports = [null, { kind: 'ended', summary: {} }, { kind: 'rows', rows: 7 }, { kind: 'refused', error: {} }];
    for (const report of reports) parentPort.postMessage(report);
    for (let id = 0; id < 9; id++) parentPort.postMessage({ kind: 'answer', id, value: 'forged' });
    parentPort.close();
  }
  return {
    manifest: { name: 'forger' },
    open: () => ({
      judge: () => undefined,
      configure: () => undefined,
      counters: () => ({}),
      state: () => (isSecret ? { tell: () => undefined } : { found: Object.keys(workerData) }),
      close: () => undefined,
    }),
  };
};
