// What is measured of each path.

import { floodGroup, iperfGroup, latencyGroup, oneWayGroup, queueGroup, relayGroup } from 'tapline/bench';
import { busyLine, filterPaths, mixedPaths, paths, queuePaths, reference } from './paths.js';

const sizes = [60, 1500];

export const relays = sizes.map((frameBytes) =>
  relayGroup({
    name: `relay-${frameBytes}`,
    title: `Relay of ${frameBytes.toLocaleString('en')}-byte frames, TAP to TAP`,
    ...{ frameBytes, paths, reference },
    ...(frameBytes === 60 ? {} : { least: 'default' }),
  }),
);

export const relayFilters = relayGroup({
  name: 'relay-filters',
  title: 'Relay of 60-byte frames through 0 to 8 filters in a row, TAP to TAP',
  ...{ frameBytes: 60, paths: filterPaths, reference: 'no filter', least: 'default' },
});

export const floods = sizes.map((frameBytes) =>
  floodGroup({
    name: `flood-${frameBytes}`,
    title: `Flood of ${frameBytes.toLocaleString('en')}-byte frames`,
    ...{ frameBytes, paths, reference },
    ...(frameBytes === 60 ? {} : { least: 'default' }),
  }),
);

export const bulk = [
  iperfGroup({ name: 'tcp', title: 'iperf3 TCP, all offloads', protocol: 'tcp', offloads: 'all', paths, reference }),
  iperfGroup({
    ...{ name: 'tcp-plain', title: 'iperf3 TCP, no offloads', protocol: 'tcp', offloads: 'none', paths, reference },
    least: 'default',
  }),
  iperfGroup({
    ...{ name: 'tcp-mixed', title: 'iperf3 TCP from a host with all offloads to one with none', protocol: 'tcp' },
    ...{ offloads: 'none', paths: mixedPaths, reference: 'C read/write, no offloads', least: 'default' },
  }),
  iperfGroup({
    ...{ name: 'udp', title: 'iperf3 UDP, all offloads', protocol: 'udp', offloads: 'all', paths, reference },
    least: 'full',
  }),
  iperfGroup({
    ...{ name: 'udp-plain', title: 'iperf3 UDP, no offloads', protocol: 'udp', offloads: 'none', paths, reference },
    least: 'default',
  }),
];

const waited = [...paths, busyLine];

export const latency = [
  latencyGroup({ name: 'latency', title: 'Round trip, idle', paths: waited, reference }),
  latencyGroup({
    ...{ name: 'latency-load', title: 'Round trip beside 20,000 frames/s', loadRate: 20_000, paths: waited, reference },
    least: 'default',
  }),
  oneWayGroup({
    ...{ name: 'quiet', title: 'One way, against a flood in the other direction', paths, reference },
    least: 'default',
  }),
];

export const queues = [
  queueGroup({
    ...{ name: 'queues', title: 'Relay of 64 flows of 60-byte frames by lines with several queues', least: 'default' },
    ...{ paths: queuePaths, reference: 'tapline, 1 queue' },
  }),
  iperfGroup({
    ...{ name: 'queues-tcp', title: 'iperf3 TCP, 4 streams, no offloads, through several queues', protocol: 'tcp' },
    ...{ offloads: 'none', streams: 4, paths: queuePaths, reference: 'tapline, 1 queue', least: 'full' },
  }),
];
