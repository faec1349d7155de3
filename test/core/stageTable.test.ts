import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.ts';
import { StageTable } from '../../src/core/stageTable.ts';

function table(): { view: DataView; table: StageTable; drop: (row: number, reason: number, count: number) => void } {
  const view = new DataView(new ArrayBuffer(L.SLOTS_OFFSET));
  return {
    view,
    table: new StageTable(view),
    drop(row, reason, count) {
      const base = view.getUint16(L.STAGES_OFFSET + row * L.STAGE_BYTES + L.STAGE_REASON_BASE, true);
      view.setBigUint64(L.REASONS_OFFSET + (base + reason) * L.REASON_BYTES, BigInt(count), true);
    },
  };
}

describe('StageTable', () => {
  it('gives each filter a row and reasons of its own', () => {
    const { view, table: stages } = table();
    const bases = [3, 1, 2].map((count, i) => {
      const row = stages.take({ name: `f${i}`, reasons: Array.from({ length: count }, (_, n) => `r${n}`) });
      expect(row).toBe(i);
      return view.getUint16(L.STAGES_OFFSET + row * L.STAGE_BYTES + L.STAGE_REASON_BASE, true);
    });
    expect(bases).toEqual([0, 3, 4].map((reason) => L.REASON_BUILT_IN_COUNT + reason));
  });

  it('keeps the drops of a filter that leaves, and starts its successor at 0', () => {
    const { table: stages, drop } = table();
    const row = stages.take({ name: 'a', reasons: ['telnet', 'ssh'] });
    drop(row, 0, 3);
    drop(row, 1, 4);
    expect(stages.reasonsOf(row)).toEqual({ telnet: 3, ssh: 4 });
    stages.release(row);
    const next = stages.take({ name: 'b', reasons: ['ssh', 'telnet'] });
    expect([next, stages.reasonsOf(next)]).toEqual([row, {}]);
    drop(next, 0, 10);
    expect(Object.fromEntries(stages.reasons())).toEqual({ telnet: 3, ssh: 14 });
  });

  it('uses the gaps between the reasons of others, and never the same twice', () => {
    const { view, table: stages } = table();
    const rows = [5, 7, 5, 64].map((count, i) =>
      stages.take({ name: `f${i}`, reasons: Array.from({ length: count }, (_, n) => `r${n}`) }),
    );
    stages.release(rows[1] ?? -1);
    const ranges = [3, 4, 1].map((count, i) => {
      const row = stages.take({ name: `g${i}`, reasons: Array.from({ length: count }, (_, n) => `r${n}`) });
      const base = view.getUint16(L.STAGES_OFFSET + row * L.STAGE_BYTES + L.STAGE_REASON_BASE, true);
      return [base, base + count].map((reason) => reason - L.REASON_BUILT_IN_COUNT);
    });
    expect(ranges).toEqual([
      [5, 8],
      [8, 12],
      [5 + 7 + 5 + 64, 5 + 7 + 5 + 64 + 1],
    ]);
  });

  it('refuses a filter too many, and reasons too many', () => {
    const { table: stages } = table();
    const reasons = Array.from({ length: 64 }, (_, i) => `r${i}`);
    for (let i = 0; i < 15; i++) stages.take({ name: `f${i}`, reasons });
    expect(() => stages.take({ name: 'f15', reasons })).toThrow(/1024 reasons/);
    for (let i = 15; i < 64; i++) stages.take({ name: `f${i}` });
    expect(() => stages.take({ name: 'f64' })).toThrow(/64 filters/);
  });

  it('knows no row that was not taken', () => {
    const { table: stages } = table();
    expect(() => stages.reasonsOf(0)).toThrow(RangeError);
    expect(() => {
      stages.release(0);
    }).toThrow(RangeError);
  });
});
