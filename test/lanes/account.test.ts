import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Remains } from '../../src/engine/lent/remains.ts';
import { accountOf } from '../../src/lanes/account.ts';
import { talliesIn, tallyMemory } from '../../src/pipeline/tally.ts';
import { expectBalance } from '../netns/support/accounts.ts';

const ZERO = { accepted: 0, reflected: 0, redirected: 0, mirrored: 0, modified: 0, short: 0, outside: 0, failed: 0 };

/** A reader of one filter that has dropped so many packets. */
function readerOf(dropped: number) {
  const row = { row: 3, name: 'limit', reasons: ['tooMany'], base: 20 };
  const counts = dropped === 0 ? {} : { tooMany: dropped };
  return {
    rows: [row],
    counts: () => ({ ...ZERO, packets: dropped, dropped }),
    reasonsOf: () => counts,
    reasons: () => new Map(Object.entries(counts)),
  };
}

/** What two ports of a worker have counted: read, forwarded, lost of each, and what filters have dropped. */
function booksOf(read: readonly number[], forwarded: readonly number[], dropped: number, remains?: Remains) {
  const tallies = talliesIn(tallyMemory(2));
  for (const [i, tally] of tallies.ports.entries()) {
    for (let count = read[i] ?? 0; count > 0; count--) tally.take(0);
    for (let count = forwarded[i] ?? 0; count > 0; count--) tally.forward(0);
  }
  return {
    tallies,
    names: ['lan', 'wan'],
    reader: readerOf(dropped),
    filters: [{ name: 'limit#2', row: 3 }],
    remains,
    last: new Map([['limit#2', { seen: 7 }]]),
  };
}

describe('accountOf', () => {
  it('says of a worker that lives what it holds', () => {
    const summary = accountOf(booksOf([10, 5], [3, 4], 2));
    expectBalance(summary);
    expect(summary).toMatchObject({ read: 15, forwarded: 7, dropped: 2, lost: 0, held: 6, reasons: { tooMany: 2 } });
    expect(summary.filters).toEqual([
      { ...ZERO, name: 'limit#2', packets: 2, dropped: 2, reasons: { tooMany: 2 }, counters: { seen: 7 } },
    ]);
  });

  it('says of one that has died what is lost: what it held, and what it never took', () => {
    const summary = accountOf(booksOf([10, 5], [3, 4], 2, new Remains([12, 5], [3, 4])));
    expectBalance(summary);
    expect(summary).toMatchObject({ read: 17, forwarded: 7, lost: 8, held: 0, reasons: { tooMany: 2, laneLost: 8 } });
    expect(summary.ports['lan']).toMatchObject({ read: 12, forwarded: 3, lost: 0 });
  });

  it('counts as forwarded what was written and never confirmed', () => {
    const summary = accountOf(booksOf([10, 0], [0, 6], 0, new Remains([10, 0], [0, 9])));
    expectBalance(summary);
    expect(summary).toMatchObject({ forwarded: 9, lost: 1 });
    expect(summary.ports['wan']?.forwarded).toBe(9);
  });

  it('counts copies among them no further than packets were held', () => {
    const books = booksOf([10, 0], [0, 10], 0, new Remains([10, 0], [0, 15]));
    const summary = accountOf(books);
    expectBalance(summary);
    expect(summary).toMatchObject({ forwarded: 10, lost: 0 });
  });

  it('counts losses of the worker by their own reason, beside laneLost', () => {
    const books = booksOf([10, 0], [0, 4], 0, new Remains([10, 0], [0, 4]));
    books.tallies.line.lose('txFull');
    books.tallies.ports[1]?.lose();
    const summary = accountOf(books);
    expectBalance(summary);
    expect(summary.reasons).toEqual({ txFull: 1, laneLost: 5 });
  });

  it('adds up, wherever the worker has ended', () => {
    const part = fc.nat(1000);
    fc.assert(
      fc.property(part, part, part, part, part, part, (forwarded, dropped, held, unread, late, made) => {
        const read = Math.max(0, forwarded + dropped + held - made);
        const remains = new Remains([read + unread, 0], [0, forwarded + late]);
        const books = booksOf([read, 0], [0, forwarded], dropped, remains);
        books.tallies.line.made = made;
        if (read + made < forwarded + dropped) return;
        const summary = accountOf(books);
        expectBalance(summary);
        expect(summary.held).toBe(0);
        expect(summary.read).toBe(read + unread);
      }),
    );
  });
});
