import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import type { Packet } from '../../src/core/packet.ts';
import { type JudgeLoop, ownJudgeLoop } from '../../src/filter/judgeLoop.ts';

/** A batch in which packet `i` stands at position 10 − `i`, and a packet that notes what it is asked. */
function judge(loop: JudgeLoop, filter: (index: number) => unknown, first: number, count: number) {
  const noted: unknown[] = [];
  let index = -1;
  const cursor = { position: -1 };
  const packet = {
    at: (to: number) => (index = to),
    decide: (verdict: unknown) => noted.push([index, verdict]),
  } as unknown as Packet;
  const declaration = { name: 'test', filter: () => filter(index) as undefined };
  const batch = { activeIndex: (position: number) => 10 - position } as unknown as Batch;
  const run = () => {
    loop(declaration, packet, { config: {}, counters: {}, now: 0 }, batch, cursor, first, count);
  };
  return { run, noted, cursor };
}

describe('the loop around a filter', () => {
  it('goes through the list from the position asked for, and takes what is returned', () => {
    const { run, noted, cursor } = judge(ownJudgeLoop(), (index) => (index === 8 ? undefined : index), 1, 4);
    run();
    expect(noted).toEqual([
      [9, 9],
      [7, 7],
    ]);
    expect(cursor.position).toBe(3);
  });

  it('says at which position the filter threw', () => {
    const { run, cursor } = judge(
      ownJudgeLoop(),
      (index) => {
        if (index === 8) throw new Error('no');
      },
      0,
      5,
    );
    expect(run).toThrow('no');
    expect(cursor.position).toBe(2);
  });

  it('is another function for each filter', () => {
    const [one, other] = [ownJudgeLoop(), ownJudgeLoop()];
    expect(one).not.toBe(other);
    expect(one.toString()).toBe(other.toString());
    const { run, noted } = judge(other, (index) => index, 0, 1);
    run();
    expect(noted).toEqual([[10, 10]]);
  });

  it('is shared where the process forbids code made of text', () => {
    const library = fileURLToPath(new URL('../../dist/src/filter/judgeLoop.js', import.meta.url));
    const script = `const { ownJudgeLoop } = await import(${JSON.stringify(library)});
      const loop = ownJudgeLoop();
      const seen = [];
      loop({ filter: (p) => void seen.push(p.index) }, { at(index) { this.index = index; } }, {}, { activeIndex: (i) => i }, {}, 0, 2);
      console.log(loop === ownJudgeLoop(), seen.join());`;
    const flags = ['--disallow-code-generation-from-strings', '--input-type=module', '-e', script];
    expect(execFileSync(process.execPath, flags, { encoding: 'utf8' })).toBe('true 0,1\n');
    const allowed = flags.slice(1);
    expect(execFileSync(process.execPath, allowed, { encoding: 'utf8' })).toBe('false 0,1\n');
  });
});
