import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.ts';
import type { Arena } from '../../src/core/arena.ts';
import { offloadMask } from '../../src/device/offloadMask.ts';
import type { Device } from '../../src/device/device.ts';
import type { Offload } from '../../src/device/offloads.ts';
import { TaplineError } from '../../src/index.ts';
import { LineOffloads } from '../../src/pipeline/lineOffloads.ts';
import type { OpenPort } from '../../src/pipeline/ports.ts';

const TSO: readonly Offload[] = ['csum', 'tso4', 'tso6', 'tsoEcn'];
const ALL: readonly Offload[] = [...TSO, 'uso4', 'uso6'];
const TCP4 = L.VNET_GSO_TCPV4;
const CWR4 = L.VNET_GSO_TCPV4 | L.VNET_GSO_ECN;
const UDP = L.VNET_GSO_UDP_L4;

/** Ports `a`, `b`, … with these grants; records what devices and the arena are told. */
function ports(grants: readonly (readonly Offload[])[], isGone = false) {
  const told: [port: string, offloads: readonly Offload[]][] = [];
  const core: [port: number, mask: number][] = [];
  const list = grants.map((offloads, number): Partial<OpenPort> => {
    const name = 'abc'[number] ?? '';
    const target: Partial<Device> = {
      setOffloads(wanted) {
        if (isGone) throw new TaplineError('DEVICE_GONE', 'gone');
        told.push([name, wanted]);
        return wanted;
      },
    };
    return { number, name, headerBytes: 12, offloads: offloadMask(offloads, true), target: target as Device };
  });
  const arena = {
    setOffloads: (port: number, mask: number) => void core.push([port, mask]),
  } as Partial<Arena> as Arena;
  const line = new LineOffloads(list as OpenPort[]);
  return { line, told, core, stepDown: (port: number, type: number) => line.stepDown(arena, port, type) };
}

describe('LineOffloads', () => {
  it('uses all that each port was granted, whatever the others take', () => {
    const { line, told } = ports([ALL, TSO, []]);
    expect(told).toEqual([]);
    expect([0, 1, 2].map((port) => line.of(port))).toEqual([ALL, TSO, []]);
    expect(line.refused(0)).toEqual([]);
  });

  it('gives up what was refused: in the core, which cuts for it, and on the device', () => {
    const { line, told, core, stepDown } = ports([ALL, ALL]);
    expect(stepDown(1, UDP)).toEqual(['uso4', 'uso6']);
    expect(core).toEqual([[1, offloadMask(TSO, true)]]);
    expect(told).toEqual([['b', TSO]]);
    expect([line.refused(0), line.refused(1)]).toEqual([[], ['uso4', 'uso6']]);
    expect([line.of(0), line.of(1)]).toEqual([ALL, TSO]);
  });

  it('blames a kind once, however many of it were on their way', () => {
    const { line, told, stepDown } = ports([ALL, ALL]);
    expect(stepDown(1, CWR4)).toEqual(['tsoEcn']);
    // Those were sent before the first one came back: they are not the fault of tso4.
    expect(stepDown(1, CWR4)).toEqual([]);
    expect(told).toHaveLength(1);
    expect(stepDown(1, TCP4)).toEqual(['tso4']);
    expect(stepDown(1, TCP4)).toEqual([]);
    expect(line.refused(1)).toEqual(['tso4', 'tsoEcn']);
  });

  it('changes nothing for what is no super-packet, or of a kind that the port never took', () => {
    const { told, stepDown } = ports([TSO, TSO]);
    for (const type of [0, 2, 3, L.VNET_GSO_ECN, UDP]) expect(stepDown(1, type)).toEqual([]);
    expect(told).toEqual([]);
  });

  it('survives a device that is gone', () => {
    const { line, stepDown } = ports([ALL, ALL], true);
    expect(stepDown(1, TCP4)).toEqual(['tso4']);
    expect(line.of(1)).toEqual(ALL);
  });
});
