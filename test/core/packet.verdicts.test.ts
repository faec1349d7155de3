import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.ts';
import { Verdict } from '../../src/core/verdict.ts';
import { prefix } from '../../src/core/prefix.ts';
import { sample, samples } from './support/samples.ts';
import { type View, viewOf } from './support/view.ts';

const frame = sample('TCP over IPv4').bytes;

function outcome({ arena }: View, field: number): number {
  return arena.view.getUint8(L.OUTCOMES_OFFSET + field);
}

function reason({ arena }: View): number {
  return arena.view.getUint16(L.OUTCOMES_OFFSET + L.OUTCOME_REASON, true);
}

describe('Packet verdicts', () => {
  it('decide at once, and the last one counts', () => {
    const { packet } = viewOf(frame, { reasons: ['one'] });
    expect(packet.verdict).toBe(Verdict.Continue);
    expect([packet.drop('one'), packet.verdict]).toEqual([Verdict.Drop, Verdict.Drop]);
    expect([packet.accept(), packet.verdict]).toEqual([Verdict.Accept, Verdict.Accept]);
    expect([packet.reflect(), packet.verdict]).toEqual([Verdict.Reflect, Verdict.Reflect]);
    expect([packet.redirect('wan'), packet.verdict]).toEqual([Verdict.Redirect, Verdict.Redirect]);
    packet.decide(Verdict.Continue);
    expect(packet.verdict).toBe(Verdict.Continue);
  });

  it('name the reason of a drop, and no other filter’s', () => {
    const view = viewOf(frame, { reasons: ['one', 'two'] });
    view.packet.drop('two');
    expect(reason(view)).toBe(2);
    view.packet.decide(Verdict.Drop);
    expect(reason(view)).toBe(2);
    view.packet.decide(Verdict.Continue);
    view.packet.decide(Verdict.Drop);
    expect(reason(view)).toBe(0);
    expect(() => view.packet.drop('three')).toThrow(TypeError);
  });

  it('name ports by name or number', () => {
    const view = viewOf(frame);
    view.packet.redirect('wan');
    expect(outcome(view, L.OUTCOME_OUT_PORT)).toBe(1);
    view.packet.mirror('lan');
    expect(outcome(view, L.OUTCOME_MIRROR_PORT)).toBe(0);
    expect(() => view.packet.redirect('wam')).toThrow(/no such port/);
    expect(() => {
      view.packet.mirror(undefined as unknown as string);
    }).toThrow(TypeError);
  });

  it('take a number that is no port for none, whatever its low bits', () => {
    for (const number of [-1, 255, 256, 257, 2 ** 32, 0.5, NaN, Infinity]) {
      const view = viewOf(frame);
      view.packet.redirect(number);
      view.packet.mirror(number);
      expect([outcome(view, L.OUTCOME_OUT_PORT), outcome(view, L.OUTCOME_MIRROR_PORT)]).toEqual([255, 255]);
    }
  });

  it('are nothing else', () => {
    const { packet } = viewOf(frame);
    const hostile = [-1, 4, 5, 15, 255, 256, 0.5, NaN, '2', true, null, {}, [], 2n, Symbol('x'), () => 2];
    for (const value of [...hostile, Object.create(null), new Proxy({}, {})]) {
      expect(() => {
        packet.decide(value);
      }).toThrow(TypeError);
    }
    expect(packet.verdict).toBe(Verdict.Continue);
    expect(() => {
      packet.decide(Promise.reject(new Error('not heard of again')));
    }).toThrow('must not be async');
  });

  it('keep a mark for later filters', () => {
    const view = viewOf(frame);
    for (const [given, kept] of [
      [7, 7],
      [2 ** 32 - 1, 2 ** 32 - 1],
      [2 ** 32, 0],
      [-1, 2 ** 32 - 1],
    ] as const) {
      view.packet.mark = given;
      expect(view.packet.mark).toBe(kept);
    }
    view.settle();
    expect(view.packet.mark).toBe(2 ** 32 - 1);
  });
});

describe('Packet.sourceIn and destinationIn', () => {
  it('compare the bits of the prefix, and not those behind', () => {
    const { packet } = viewOf(frame);
    const yes = ['0.0.0.0/0', '192.168.0.0/16', '192.168.7.1', '192.168.7.1/32', '128.0.0.0/1', '192.168.7.0/31'];
    const no = ['192.168.7.0/32', '192.168.7.2/31', '0.0.0.0/1', '10.0.0.0/8', '::/0', '::ffff:192.168.7.1/128'];
    expect(yes.map((text) => packet.sourceIn(prefix(text)))).toEqual(yes.map(() => true));
    expect(no.map((text) => packet.sourceIn(prefix(text)))).toEqual(no.map(() => false));
    expect([packet.destinationIn(prefix('203.0.113.0/24')), packet.destinationIn(prefix('203.0.112.0/24'))]).toEqual([
      true,
      false,
    ]);
  });

  it('compare all four words of IPv6', () => {
    const { packet } = viewOf(sample('TCP over IPv6').bytes);
    const full = '2001:db8:0:0:1:0:0:1';
    for (let length = 0; length <= 128; length++) expect(packet.sourceIn(prefix(`${full}/${length}`))).toBe(true);
    const bits = [0, 31, 32, 63, 64, 95, 96, 127];
    for (const bit of bits) {
      const words = prefix(full).words.slice();
      words[bit >> 5] = (words[bit >> 5] ?? 0) ^ (0x8000_0000 >>> (bit & 31));
      const near = [...words].flatMap((word) => [(word >>> 16).toString(16), (word & 0xffff).toString(16)]).join(':');
      expect([bit, packet.sourceIn(prefix(`${near}/${bit}`)), packet.sourceIn(prefix(`${near}/${bit + 1}`))]).toEqual([
        bit,
        true,
        false,
      ]);
    }
    expect([packet.sourceIn(prefix('0.0.0.0/0')), packet.destinationIn(prefix('fe80::/10'))]).toEqual([false, true]);
  });

  it('know ARP, and mark short what has no address', () => {
    for (const { name, bytes, link } of samples) {
      const view = viewOf(bytes, { link });
      const isIn = view.packet.sourceIn(prefix('0.0.0.0/0')) || view.packet.sourceIn(prefix('::/0'));
      expect([name, isIn]).toEqual([name, view.packet.sourceAddress !== '']);
      expect(view.takeShort()).toBe(!isIn);
    }
    expect(viewOf(sample('ARP').bytes).packet.destinationIn(prefix('203.0.113.250'))).toBe(true);
  });
});
