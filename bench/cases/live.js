// What is measured of each path.

import { floodGroup, iperfGroup, latencyGroup, oneWayGroup, relayGroup } from 'tapline/bench';
import { busyLine, paths, reference } from './paths.js';

const sizes = [60, 1500];

export const relays = sizes.map((frameBytes) =>
  relayGroup({
    name: `relay-${frameBytes}`,
    title: `Relay of ${frameBytes.toLocaleString('en')}-byte frames, TAP to TAP`,
    ...{ frameBytes, paths, reference },
    ...(frameBytes === 60 ? {} : { least: 'default' }),
  }),
);

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
    ...{ name: 'latency-flood', title: 'One way against a flood', least: 'default', reference },
    paths: paths.filter(({ name }) => name !== 'Linux bridge'),
  }),
];
