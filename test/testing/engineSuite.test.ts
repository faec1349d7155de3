import { describe, expect, it } from 'vitest';
import type { Engine, EngineEvents, SlotSource } from '../../src/engine/engine.ts';
import { type EngineFixture, type OpenEngine, engineSuite } from '../../src/testing/index.ts';
import { openLoopback } from '../engine/support/fixtures.ts';

/** Runs the suite without a runner. Returns the titles of the cases that fail. */
async function failures(open: OpenEngine, only = ''): Promise<string[]> {
  const cases: { title: string; body: () => Promise<void> }[] = [];
  const runner = {
    describe(_: string, body: () => void) {
      body();
    },
    it: (title: string, body: () => Promise<void>) => cases.push({ title, body }),
  };
  engineSuite('under test', runner, open);
  expect(cases.length).toBeGreaterThan(15);
  const failed: string[] = [];
  for (const { title, body } of cases.filter((one) => one.title.includes(only))) {
    await body().catch(() => failed.push(title));
  }
  return failed;
}

type Change = (engine: Engine, slots: SlotSource) => Partial<Record<keyof Engine, unknown>>;

/** A Loopback with a defect. */
function mutant(change: Change): OpenEngine {
  return (slots, ports): EngineFixture => {
    const fixture = openLoopback(slots, ports);
    const { engine } = fixture;
    const changes = change(engine, slots);
    const handler: ProxyHandler<Engine> = {
      get(target, name) {
        const value: unknown = name in changes ? changes[name as keyof Engine] : Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    };
    return { ...fixture, engine: new Proxy(engine, handler) };
  };
}

const mutants: Record<string, { only: string; change: Change }> = {
  'ignores the limit': { only: 'inLimit', change: (engine) => ({ turn: (out: number) => engine.turn(out, 256) }) },
  'reads though the limit is 0': {
    only: 'inLimit',
    change: (engine) => ({ turn: (out: number, limit: number) => engine.turn(out, Math.max(1, limit)) }),
  },
  'has a wrong length': {
    only: 'one record per frame',
    change: (engine) => ({
      turn(out: number, limit: number) {
        const count = engine.turn(out, limit);
        for (let i = 0; i < count; i++) engine.inbound[i * 4 + 2] = (engine.inbound[i * 4 + 2] ?? 0) - 1;
        return count;
      },
    }),
  },
  'writes beside the frame': {
    only: 'one record per frame',
    change: (engine, slots) => ({
      turn(out: number, limit: number) {
        const count = engine.turn(out, limit);
        if (count > 0) slots.bytes[slots.address(engine.inbound[0] ?? 0) + 3] = 0;
        return count;
      },
    }),
  },
  'flags nothing': {
    only: 'truncated',
    change: (engine) => ({
      turn(out: number, limit: number) {
        const count = engine.turn(out, limit);
        for (let i = 0; i < count; i++) engine.inbound[i * 4 + 1] = (engine.inbound[i * 4 + 1] ?? 0) & 0xff;
        return count;
      },
    }),
  },
  'completes twice': {
    only: 'completes each once',
    change: (engine) => ({
      turn(out: number, limit: number) {
        const count = engine.turn(out, limit);
        if (engine.doneCount > 0) engine.done.copyWithin(4, 0, 4);
        return count;
      },
    }),
  },
  'swallows a completion': {
    only: 'close() completes what is pending',
    change: (engine) => ({
      close() {
        engine.close();
        (engine as { doneCount: number }).doneCount = Math.max(0, engine.doneCount - 1);
      },
    }),
  },
  'turns the order round': {
    only: 'keeps the order of a port',
    change: (engine) => ({
      turn(out: number, limit: number) {
        const count = engine.turn(out, limit);
        if (count > 1) engine.inbound.set([...engine.inbound.slice(4, 8), ...engine.inbound.slice(0, 4)]);
        return count;
      },
    }),
  },
  'is never ready': { only: 'tells ready after', change: () => ({ start: () => undefined }) },
  'is ready inside of a turn': {
    only: 'tells ready',
    change(engine) {
      let told: EngineEvents | undefined;
      return {
        start(events: EngineEvents) {
          told = events;
          engine.start(events);
        },
        turn(out: number, limit: number) {
          told?.ready();
          return engine.turn(out, limit);
        },
      };
    },
  },
  'keeps a slot': {
    only: 'without a turn',
    change: (engine, slots) => ({
      start(events: EngineEvents) {
        slots.take(0);
        engine.start(events);
      },
    }),
  },
  'says that a lost port is up': { only: 'writes to a lost port', change: () => ({ portState: () => 'up' }) },
};

describe.concurrent('engineSuite', () => {
  for (const [defect, { only, change }] of Object.entries(mutants)) {
    it(`finds an engine that ${defect}`, async () => {
      expect(await failures(mutant(change), only)).not.toEqual([]);
    });
  }

  it('finds nothing in an engine that is right', async () => {
    expect(
      await failures(
        mutant(() => ({})),
        'close()',
      ),
    ).toEqual([]);
  });
});
