import { describe, expect, expectTypeOf, it } from 'vitest';
import { type FilterSource, type Packet, type Prefix, Verdict, defineFilter } from '../../src/index.ts';

const nothing = (): undefined => undefined;

// What must not compile stands behind `@ts-expect-error`: `tsc -p .` is the test.

describe('defineFilter', () => {
  it('infers reasons, counters and configuration', () => {
    const filter = defineFilter({
      name: 'typed',
      config: {
        port: { type: 'u16' },
        strict: { type: 'boolean', default: false },
        lan: { type: 'prefix', default: '10.0.0.0/8' },
        out: { type: 'port', default: 'b' },
      },
      counters: ['seen', 'odd'],
      reasons: ['telnet'],
      filter(packet, { config, counters, now }) {
        expectTypeOf(packet).toEqualTypeOf<Packet<'telnet'>>();
        expectTypeOf(config.port).toEqualTypeOf<number>();
        expectTypeOf(config.strict).toEqualTypeOf<boolean>();
        expectTypeOf(config.lan).toEqualTypeOf<Prefix>();
        expectTypeOf(config.out).toEqualTypeOf<number>();
        expectTypeOf(counters).toEqualTypeOf<Record<'seen' | 'odd', number>>();
        expectTypeOf(now).toEqualTypeOf<number>();
        // @ts-expect-error: it is not declared
        counters.unseen++;
        // @ts-expect-error: it is not declared
        if (config.prot === 1) return;
        // @ts-expect-error: the configuration is replaced, never written
        config.port = 1;
        // @ts-expect-error: it is not declared
        if (packet.length === 0) return packet.drop('telnt');
        return packet.drop('telnet');
      },
    });
    expectTypeOf(filter).returns.toEqualTypeOf<FilterSource>();
    filter({ port: 23 });
    filter({ port: 23, strict: true, lan: 'fd00::/8', out: 'c' });
    filter();
    // @ts-expect-error: `port` has no default
    filter({});
    // @ts-expect-error: it must be a number
    filter({ port: '23' });
    // @ts-expect-error: there is no such field
    filter({ port: 23, prot: 1 });
    expect(filter).toBeTypeOf('function');
  });

  it('without declarations allows none', () => {
    const filter = defineFilter({
      name: 'bare',
      filter(packet, { config, counters }) {
        // @ts-expect-error: no reasons are declared
        if (packet.length === 1) return packet.drop('because');
        // @ts-expect-error: no counters are declared
        counters.seen = 1;
        // @ts-expect-error: nothing can be set
        if (config.port === 1) return packet.accept();
        return packet.drop();
      },
    });
    // @ts-expect-error: nothing can be set
    filter({ port: 1 });
    expect(filter).toBeTypeOf('function');
  });

  it('takes verdicts, nothing, and no promise', () => {
    defineFilter({ name: 'nothing', filter: () => undefined });
    defineFilter({ name: 'void', filter: nothing });
    defineFilter({ name: 'verdict', filter: () => Verdict.Accept });
    defineFilter({ name: 'method', filter: (packet) => packet.redirect('b') });
    // @ts-expect-error: a filter must not be async
    defineFilter({ name: 'async', filter: async (packet: Packet) => Promise.resolve(packet.accept()) });
    // @ts-expect-error: that is no verdict
    defineFilter({ name: 'text', filter: () => 'drop' });
    // @ts-expect-error: that is no verdict
    defineFilter({ name: 'number', filter: () => 17 });
    const misspell = (): void => {
      // @ts-expect-error: there is no such key
      defineFilter({ name: 'key', reason: ['x'], filter: nothing });
    };
    expect(misspell).toThrow("Cannot use a filter with 'reason': did you mean 'reasons'?");
    const define = (): void => {
      // @ts-expect-error: there is no such type
      defineFilter({ name: 'type', filter: nothing, config: { x: { type: 'u64' } } });
      // @ts-expect-error: the default has another type
      defineFilter({ name: 'type', filter: nothing, config: { x: { type: 'u8', default: '1' } } });
    };
    expect(define).toThrow(TypeError);
  });
});

describe('Packet', () => {
  it('hides how it works', () => {
    const use = (packet: Packet): void => {
      // @ts-expect-error: it is protected
      packet.frame8(0);
      // @ts-expect-error: it is protected
      packet.write8(0, 1);
      // @ts-expect-error: it is read-only
      packet.length = 1;
      // @ts-expect-error: it is read-only
      packet.protocol = 17;
    };
    expect(use).toBeTypeOf('function');
  });
});
