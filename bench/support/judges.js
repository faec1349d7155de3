// Four ways to let filters in TypeScript judge a batch, each with all that a line needs: verdicts taken in by the core,
// and a cursor from which a throwing filter could be told. `bench/judge.js` measures them.

import * as L from '../../dist/assembly/layout.js';
import { Packet } from '../../dist/src/core/packet.js';
import { StageTable } from '../../dist/src/core/stageTable.js';
import { typescriptFilter } from '../../dist/src/filter/typescriptFilter.js';
import { fillArena } from '../../dist/src/bench/micro/filledArena.js';

/** By name: makes a function that judges a batch and returns how many packets are still active. */
export const WAYS = {
  /** Each filter calls the next one, packet by packet. */
  closures: (bench) => {
    const chain = bench.filters.map((filter) => new Link(bench, filter));
    const first = chain.reduceRight((next, link) => (index) => link.judge(index, next), bench.keep);
    return (count) => {
      bench.kept = 0;
      for (let i = 0; i < count; i++) first(bench.batch.activeIndex(i));
      return bench.settleTouched(chain);
    };
  },
  /** For each filter a loop over the packets that are left; one function loops for all filters. */
  'shared loop': (bench) => loops(bench, () => judgeAll),
  /** The same, but each filter has a loop of its own, which V8 optimises for it alone. */
  'own loops': (bench) => loops(bench, () => ownCopy(judgeAll)),
  /** One generated loop that calls all filters of the chain for one packet after the other. */
  'fused loop': (bench) => {
    const chain = bench.filters.map((filter) => new Link(bench, filter));
    const judge = fuse(bench, chain);
    return (count) => {
      bench.kept = judge(count);
      return bench.settleTouched(chain);
    };
  },
  /** What a line does: `src/filter/typescriptFilter.ts`. */
  stage: (bench) => {
    const { arena, batch } = bench;
    const stages = bench.filters.map((filter) => {
      const row = bench.row(filter);
      const source = typescriptFilter({ name: 'stage', filter }, {});
      const host = { arena, batch, stage: row, portNumber: () => undefined, portName: () => '', log() {} };
      return { row, stage: source.open({ ...host, reportFailure: rethrow }) };
    });
    return (count) => {
      let active = count;
      for (const { row, stage } of stages) {
        if (active === 0) break;
        stage.judge(active, 0);
        active = batch.settle(row, active);
      }
      return active;
    };
  },
};

/** A batch in an arena, and the filters of a chain. */
export class JudgeBench {
  /** Packets that came through all filters. */
  through = new Uint16Array(L.BATCH_COUNT);
  kept = 0;

  constructor(frames, filters) {
    const { arena, batch, count } = fillArena(frames);
    this.arena = arena;
    this.batch = batch;
    this.count = count;
    this.filters = filters;
    this.table = new StageTable(arena.view);
    // `fill` and `set` go byte by byte where the memory is shared: a loop over words is ten times as fast.
    this.outcomes = new Float64Array(arena.memory.buffer, L.OUTCOMES_OFFSET, (count * L.OUTCOME_BYTES) / 8);
    this.active = new Uint16Array(arena.memory.buffer, L.ACTIVE_OFFSET, count);
    this.keep = (index) => {
      this.through[this.kept++] = index;
    };
  }

  row() {
    return this.table.take({ name: 'filter' });
  }

  packet() {
    const nothing = { reasonNumber: () => undefined, portNumber: () => undefined, portName: () => '' };
    return new Packet({ arena: this.arena, ...nothing });
  }

  /** Forgets what was said of the batch. */
  reset() {
    const { outcomes, active } = this;
    for (let i = 0; i < outcomes.length; i++) outcomes[i] = 0;
    for (let i = 0; i < active.length; i++) active[i] = i;
  }

  /** Lets the core take in what was said of the packets at which each link of a chain stopped. */
  settleTouched(chain) {
    const { active, through, kept } = this;
    for (const link of chain) {
      for (let i = 0; i < link.count; i++) active[i] = link.touched[i];
      const left = link.count === 0 ? 0 : this.batch.settle(link.row, link.count);
      // What was edited and goes on would have to go through the rest of the chain once more; nothing is here.
      if (left > 0) throw new Error('These filters do not edit');
      link.count = 0;
    }
    for (let i = 0; i < kept; i++) active[i] = through[i];
    return kept;
  }
}

/** A filter in a chain that goes packet by packet, and the packets at which it stopped. */
class Link {
  touched = new Uint16Array(L.BATCH_COUNT);
  count = 0;
  seen = 0;
  cursor = 0;
  context = { config: {}, counters: {}, now: 0 };

  constructor(bench, filter) {
    this.view = bench.arena.view;
    this.row = bench.row();
    this.packet = bench.packet();
    this.declaration = { name: 'link', filter };
  }

  judge(index, next) {
    const { packet } = this;
    this.cursor = index;
    this.seen++;
    packet.at(index);
    const verdict = this.declaration.filter(packet, this.context);
    if (verdict !== undefined) packet.decide(verdict);
    const outcome = L.OUTCOMES_OFFSET + index * L.OUTCOME_BYTES;
    if (this.view.getUint32(outcome, true) === 0 && this.view.getUint32(outcome + 4, true) === 0) next(index);
    else this.touched[this.count++] = index;
  }
}

function loops(bench, loopOf) {
  const { batch } = bench;
  const stages = bench.filters.map((filter) => ({
    ...{ row: bench.row(), packet: bench.packet(), loop: loopOf(), place: { cursor: 0 } },
    ...{ declaration: { name: 'loop', filter }, context: { config: {}, counters: {}, now: 0 } },
  }));
  return (count) => {
    let active = count;
    for (const { row, packet, loop, place, declaration, context } of stages) {
      if (active === 0) break;
      loop(batch, packet, declaration, context, place, 0, active);
      active = batch.settle(row, active);
    }
    return active;
  };
}

/** The loop around a filter. Everything it uses is a parameter, so that it can be copied. */
function judgeAll(batch, packet, declaration, context, place, first, count) {
  for (let i = first; i < count; i++) {
    place.cursor = i;
    packet.at(batch.activeIndex(i));
    const verdict = declaration.filter(packet, context);
    if (verdict !== undefined) packet.decide(verdict);
  }
}

/** The same function, of which V8 keeps a profile of its own: it would share that of a function of the same text. */
function ownCopy(loop) {
  return new Function(`return ${String(loop)} // ${++copies}`)();
}

let copies = 0;

/** The loops of all filters in one. */
function fuse(bench, chain) {
  const names = chain.flatMap((_, k) => [`link${k}`, `packet${k}`, `declaration${k}`]);
  const values = chain.flatMap((link) => [link, link.packet, link.declaration]);
  const body = chain.map(
    (_, k) => `
      link${k}.cursor = index;
      link${k}.seen++;
      packet${k}.at(index);
      verdict = declaration${k}.filter(packet${k}, link${k}.context);
      if (verdict !== undefined) packet${k}.decide(verdict);
      if (view.getUint32(outcome, true) !== 0 || view.getUint32(outcome + 4, true) !== 0) {
        link${k}.touched[link${k}.count++] = index;
        continue;
      }`,
  );
  const source = `return (count) => {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const index = batch.activeIndex(i);
      const outcome = ${L.OUTCOMES_OFFSET} + index * ${L.OUTCOME_BYTES};
      let verdict;
      ${body.join('')}
      through[kept++] = index;
    }
    return kept;
  };`;
  return new Function('batch', 'view', 'through', ...names, `${source} // ${++copies}`)(
    bench.batch,
    bench.arena.view,
    bench.through,
    ...values,
  );
}

function rethrow(error) {
  throw error;
}
