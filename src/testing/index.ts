/**
 * For the tests of others: try a filter without a device, build frames, and hold an engine of your own to the contract.
 *
 * ```ts
 * import { tryFilter, tcpFrame } from 'tapline/testing';
 *
 * await tryFilter(dropTelnet, [tcpFrame({ destinationPort: 23 })]); // [{ verdict: 'drop', reason: 'telnet' }]
 * ```
 *
 * @module
 */
export { openTrial, tryFilter } from './trial.ts';
export type { ConfigOf, MirroredCopy, SendOptions, Trial, TrialOptions, TriedPacket, VerdictName } from './trial.ts';
export { checkFilter } from './checkFilter.ts';
export type { CheckOptions } from './checkFilter.ts';
export { readFrames, writeFrames } from './captures.ts';
export { arpFrame, icmpFrame, tcpFrame, udpFrame } from './frames.ts';
export type { ArpFields, IcmpFields, IpFields, LinkFields, TcpFields, UdpFields } from './frames.ts';
export { engineSuite } from './engineSuite.ts';
export type { EngineFixture, OpenEngine, TestRunner } from './engineSuite.ts';
export type { Engine, EngineEvents, EnginePort, PortState, SlotSource } from '../engine/engine.ts';
