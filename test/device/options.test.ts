import { describe, expect, it } from 'vitest';

import { checkOptions } from '../../src/device/checkOptions.ts';
import { openTap, openTun } from '../../src/device/open.ts';

const tap = (options: object) => () => checkOptions('tap', options);
const tun = (options: object) => () => checkOptions('tun', options);

describe('checkOptions', () => {
  it('fills in the defaults', () => {
    expect(checkOptions('tun', {})).toEqual({
      kind: 'tun',
      name: '',
      exclusive: true,
      virtioHeader: false,
      offloads: undefined,
      verifyOffloads: false,
      interfaceFlags: 0,
      mtu: undefined,
      mac: undefined,
      addresses: [],
      up: true,
      txQueueLength: undefined,
      netns: undefined,
      multiQueue: false,
      napi: 'no',
      sendBufferBytes: undefined,
      carrier: undefined,
      owner: undefined,
      group: undefined,
      persist: undefined,
    });
  });

  it('names the option that a misspelt one may have meant', () => {
    expect(tap({ virtioheader: true })).toThrow(
      new TypeError("Unknown option virtioheader: did you mean 'virtioHeader'?"),
    );
    expect(tap({ adresses: [] })).toThrow("did you mean 'addresses'?");
    expect(tap({ ofloads: 'all' })).toThrow("did you mean 'offloads'?");
    expect(tap({ txqueuelen: 4 })).toThrow("did you mean 'txQueueLength'?");
    expect(tap({ verifyOffload: true })).toThrow("did you mean 'verifyOffloads'?");
    expect(tap({ persistent: true })).toThrow("did you mean 'persist'?");
    expect(tap({ carier: false })).toThrow("did you mean 'carrier'?");
    expect(tun({ sendBufferByte: 1 })).toThrow("did you mean 'sendBufferBytes'?");
    expect(tap({ colour: 'red' })).toThrow('Unknown option colour: known are name, exclusive,');
    expect(tun({ mac: '02:00:00:00:00:01' })).toThrow('Unknown option mac');
  });

  it('takes the names that the kernel takes', () => {
    for (const name of ['', 'a', 'tap%d', '%dtap', 'fifteen-bytes-x', 'ä', 'tap-0.1_x']) {
      expect(checkOptions('tap', { name }).name).toBe(name);
    }
  });

  it('refuses names that the kernel refuses or would cut', () => {
    for (const name of ['a/b', 'a b', 'a:b', '.', '..', 'a\tb', 'a\0b', 'tap%', 'tap%x', '%d%d', '%%d', 'a\u00a0b']) {
      expect(tap({ name }), JSON.stringify(name)).toThrow(TypeError);
    }
    expect(tap({ name: 'sixteen-bytes-xy' })).toThrow('at most 15 bytes, got 16');
    expect(tap({ name: 'ääääääää' })).toThrow(RangeError);
    expect(tap({ name: 5 })).toThrow('Expected name to be a string, got number');
  });

  it('knows the MTU range of each kind', () => {
    expect(checkOptions('tun', { mtu: 65_535 }).mtu).toBe(65_535);
    expect(checkOptions('tap', { mtu: 65_521 }).mtu).toBe(65_521);
    expect(checkOptions('tap', { mtu: 68 }).mtu).toBe(68);
    expect(tap({ mtu: 65_522 })).toThrow('from 68 to 65521, got 65522');
    for (const mtu of [67, 0, -1, 1500.5, NaN]) expect(tun({ mtu })).toThrow(RangeError);
    expect(tun({ mtu: '1500' })).toThrow(TypeError);
  });

  it('takes MAC addresses of one interface', () => {
    expect(checkOptions('tap', { mac: '02:00:00:aB:00:01' }).mac).toEqual(Uint8Array.of(2, 0, 0, 0xab, 0, 1));
    expect(tap({ mac: '01:00:5e:00:00:01' })).toThrow('group address');
    for (const mac of [
      '',
      '02:00',
      '02-00-00-00-00-01',
      '02:00:00:00:00:1',
      '02:00:00:00:00:01:02',
      'g2:00:00:00:00:01',
    ]) {
      expect(tap({ mac })).toThrow(TypeError);
    }
  });

  it('refuses switches, numbers and places of another type', () => {
    for (const name of ['exclusive', 'virtioHeader', 'up', 'multiQueue', 'verifyOffloads', 'carrier', 'persist']) {
      expect(tap({ [name]: 1 })).toThrow(`Expected ${name} to be true or false, got number`);
    }
    expect(tap({ interfaceFlags: 0x10000 })).toThrow(RangeError);
    expect(tap({ txQueueLength: 0 })).toThrow(RangeError);
    for (const netns of ['', '.', '..', null, true]) expect(tap({ netns })).toThrow(TypeError);
    expect(tap({ netns: 0 })).toThrow(RangeError);
    expect(tap({ addresses: '10.0.0.1/24' })).toThrow('list of strings');
    expect(tap({ offloads: 'all' })).toThrow('virtioHeader');
  });
});

describe('checkOptions for the driver', () => {
  it('takes ids by number, up to the last one that is an id', () => {
    expect(checkOptions('tun', { owner: 0, group: 0xfffffffe })).toMatchObject({ owner: 0, group: 0xfffffffe });
    for (const id of [-1, 0xffffffff, 1.5, NaN]) {
      expect(tun({ owner: id })).toThrow('Expected owner to be an integer from 0 to 4294967294');
      expect(tun({ group: id })).toThrow(RangeError);
    }
    expect(tun({ owner: 'root' })).toThrow('Expected owner to be a number, got string');
  });

  it('knows the three kinds of NAPI', () => {
    expect([false, true, 'threaded' as const].map((napi) => checkOptions('tap', { napi }).napi)).toEqual([
      'no',
      'plain',
      'threaded',
    ]);
    for (const napi of ['plain', 1, {}]) {
      expect(tap({ napi })).toThrow("Expected napi to be true, false or 'threaded'");
    }
  });

  it('takes a send buffer of at least one byte', () => {
    expect(checkOptions('tap', { sendBufferBytes: 1 }).sendBufferBytes).toBe(1);
    for (const sendBufferBytes of [0, -1, 2 ** 31, 0.5]) expect(tap({ sendBufferBytes })).toThrow(RangeError);
  });

  it('tells what was left out from what was switched off', () => {
    expect(checkOptions('tap', { carrier: false, persist: false, offloads: 'none' })).toMatchObject({
      carrier: false,
      persist: false,
      offloads: 0,
    });
  });
});

describe('openTun and openTap', () => {
  it('reject wrong options before anything else', async () => {
    await expect(openTap({ name: 'a/b' })).rejects.toThrow(TypeError);
    await expect(openTun({ mtu: 1 })).rejects.toThrow(RangeError);
    await expect(openTun({ mac: '02:00:00:00:00:01' } as object)).rejects.toThrow('Unknown option mac');
  });
});
