import { describe, expect, it } from 'vitest';

import { linkChanges, linkState, type LinkState } from '../../src/device/linkState.ts';
import { linkStatistics } from '../../src/device/statistics.ts';
import { describeTun, isTun } from '../../src/device/tunInfo.ts';
import { parseLink } from '../../src/sys/linkMessage.ts';
import { attribute } from '../../src/sys/netlink.ts';
import * as rt from '../../src/sys/rtnetlink.ts';

const text = (value: string) => new TextEncoder().encode(`${value}\0`);
const word = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);

/** The body of RTM_NEWLINK. */
function message(flags: number, ...attributes: Uint8Array[]): Uint8Array {
  const body = Uint8Array.from([...new Uint8Array(rt.IFINFOMSG_BYTES), ...attributes.flatMap((one) => [...one])]);
  const view = new DataView(body.buffer);
  view.setUint16(2, 1, true);
  view.setInt32(4, 9, true);
  view.setUint32(8, flags, true);
  return body;
}

const whole = message(
  1,
  attribute(rt.IFLA_IFNAME, text('tap3')),
  attribute(rt.IFLA_MTU, word(1400)),
  attribute(rt.IFLA_CARRIER, Uint8Array.of(0)),
);
const state: LinkState = { index: 9, name: 'tap3', mtu: 1400, isUp: true, hasCarrier: false };

describe('linkState', () => {
  it('reads what a message says', () => {
    expect(linkState(parseLink(whole))).toEqual(state);
  });

  it('keeps what a message leaves out', () => {
    expect(linkState(parseLink(message(0)), state)).toEqual({ ...state, isUp: false });
  });
});

describe('linkChanges', () => {
  it('is empty for the same', () => {
    expect(linkChanges(state, { ...state, index: 3 })).toEqual([]);
  });

  it('tells each difference', () => {
    const after = { index: 9, name: 'x', mtu: 68, isUp: false, hasCarrier: true };
    expect(linkChanges(state, after)).toEqual([
      { type: 'renamed', name: 'x', before: 'tap3' },
      { type: 'mtu', mtu: 68 },
      { type: 'down' },
      { type: 'carrier', carrier: true },
    ]);
    expect(linkChanges(after, state).map(({ type }) => type)).toEqual(['renamed', 'mtu', 'up', 'carrier']);
  });
});

describe('describeTun', () => {
  it('reads the kind and the driver’s words', () => {
    const data = [attribute(rt.IFLA_TUN_TYPE, Uint8Array.of(1)), attribute(rt.IFLA_TUN_OWNER, word(65534))];
    const info = [attribute(rt.IFLA_INFO_KIND, text('tun')), attribute(rt.IFLA_INFO_DATA, join(data))];
    const link = parseLink(message(0, attribute(rt.IFLA_LINKINFO, join(info))));
    expect(isTun(link)).toBe(true);
    expect(describeTun(link)).toEqual({ type: 'tun', user: 65534 });
  });

  it('knows the type of a kernel that says nothing', () => {
    expect(isTun(parseLink(message(0)))).toBe(false);
    expect(describeTun(parseLink(message(0)))).toEqual({ type: 'tap' });
  });
});

describe('linkStatistics', () => {
  it('pairs the counters', () => {
    const stats = new Uint8Array(BigUint64Array.of(1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n).buffer);
    expect(linkStatistics(parseLink(message(0, attribute(rt.IFLA_STATS64, stats))))).toEqual({
      rx: { packets: 1, bytes: 3, errors: 5, dropped: 7 },
      tx: { packets: 2, bytes: 4, errors: 6, dropped: 8 },
    });
    expect(linkStatistics(parseLink(message(0))).tx.dropped).toBe(0);
  });
});

function join(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
