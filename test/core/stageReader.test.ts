import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/core/arena.ts';
import { StageReader } from '../../src/core/stageReader.ts';
import { StageTable } from '../../src/core/stageTable.ts';
import * as L from '../../assembly/layout.ts';

/** An arena, its table, and a reader that only has the memory and what was sent. */
function open(): { table: StageTable; reader: StageReader; send: () => void; count: (address: number) => void } {
  const plan = { port: 0, link: L.LINK_ETHERNET, headerBytes: 0, frameBytes: 64, slots: 1, offloads: 0 } as const;
  const arena = new Arena([plan]);
  const table = new StageTable(arena.view);
  const reader = new StageReader(new DataView(arena.memory.buffer));
  return {
    table,
    reader,
    send: () => {
      reader.setNames(structuredClone(table.names()));
    },
    count(address) {
      arena.view.setBigUint64(address, arena.view.getBigUint64(address, true) + 1n, true);
    },
  };
}

const reason = (place: number): number => L.REASONS_OFFSET + place * L.REASON_BYTES;

describe('StageReader', () => {
  it('reads what another thread counts, by the names that it was told', () => {
    const { table, reader, send, count } = open();
    table.take({ name: 'first', reasons: ['a'] });
    const second = table.take({ name: 'second', reasons: ['b', 'c'] });
    send();
    expect(reader.rows.map(({ name }) => name)).toEqual(['first', 'second']);
    const [first, other] = reader.rows;
    if (first === undefined || other === undefined) return expect.unreachable();
    count(L.STAGES_OFFSET + second * L.STAGE_BYTES + L.STAGE_PACKETS);
    for (const place of [first.base, other.base + 1, other.base + 1, 0]) count(reason(place));
    expect(reader.counts(second)).toEqual({ ...table.counts(second), packets: 1 });
    expect(reader.reasonsOf(other)).toEqual({ c: 2 });
    expect(reader.reasons()).toEqual(
      new Map([
        ['unspecified', 1],
        ['a', 1],
        ['c', 2],
      ]),
    );
    expect(reader.reasons()).toEqual(table.reasons());
  });

  it('keeps the drops of filters that have left', () => {
    const { table, reader, send, count } = open();
    const row = table.take({ name: 'first', reasons: ['a'] });
    send();
    count(reason(reader.rows[0]?.base ?? -1));
    table.release(row);
    send();
    expect([reader.rows, [...reader.reasons()]]).toEqual([[], [['a', 1]]]);
    expect(table.reasons()).toEqual(reader.reasons());
  });

  it('knows built-in reasons before it is told anything', () => {
    const { reader, count } = open();
    count(reason(2));
    expect([...reader.reasons()]).toEqual([['noRoute', 1]]);
  });
});
