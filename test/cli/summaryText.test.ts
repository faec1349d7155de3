import { expect, it } from 'vitest';

import { summaryText } from '../../src/cli/run/summaryText.ts';
import type { FilterSummary, PortSummary, Summary } from '../../src/pipeline/summary.ts';

const filter: FilterSummary = {
  name: 'drop-telnet',
  packets: 10,
  accepted: 0,
  dropped: 0,
  reflected: 0,
  redirected: 0,
  mirrored: 0,
  modified: 0,
  short: 0,
  outside: 0,
  failed: 0,
  reasons: {},
  counters: {},
};
function portOf(kernelDropped: number, refusedOffloads: PortSummary['refusedOffloads']): PortSummary {
  const counts = { read: 10, readBytes: 1000, forwarded: 0, forwardedBytes: 0, lost: 0, mirrored: 0 };
  return { ...counts, kernelDropped, refusedOffloads };
}

const summary: Summary = {
  schema: 1,
  read: 10,
  made: 0,
  forwarded: 10,
  dropped: 0,
  lost: 0,
  merged: 0,
  held: 0,
  mirrored: 0,
  mirrorsLost: 0,
  reasons: {},
  kernelDropped: 0,
  ports: { lan: portOf(0, []) },
  filters: [],
};

it('summaryText begins as tcpdump ends', () => {
  expect(summaryText(summary).split('\n')).toEqual([
    '10 packets read',
    '10 packets forwarded',
    '0 packets dropped',
    '0 packets lost',
    '  port  read  bytes  forwarded  bytes  lost',
    '  lan     10   1000          0      0     0',
  ]);
});

it('summaryText says what was captured, what was not, and what was skipped', () => {
  const counts = { read: 1, readBytes: 1, forwarded: 0, forwardedBytes: 0, lost: 0, mirrored: 0 };
  const port = { ...counts, kernelDropped: 0, refusedOffloads: [] };
  const text = summaryText({
    ...summary,
    ports: {
      in: { ...port, skipped: { linkType: 2, otherLink: 0, notIp: 3 } },
      out: { ...port, capture: { written: 7, notCaptured: 0, stopped: null } },
    },
    record: { written: 5, notCaptured: 4, stopped: 'ENOSPC' },
  });
  expect(text.split('\n').slice(4, 7)).toEqual([
    '7 packets captured by out',
    '5 packets captured, 4 not (ENOSPC)',
    'skipped in in: linkType 2, notIp 3',
  ]);
});

it('summaryText shows what is not 0, and nothing else', () => {
  const text = summaryText({
    ...summary,
    made: 6,
    forwarded: 5,
    dropped: 3,
    held: 2,
    mirrored: 4,
    mirrorsLost: 1,
    reasons: { telnet: 3 },
    filters: [
      filter,
      { ...filter, name: 'other', dropped: 3, failed: 1, reasons: { telnet: 3 }, counters: { seen: 9 } },
    ],
  });
  expect(text).toContain('10 packets read\n6 packets made of super-packets\n5 packets forwarded');
  expect(text).toContain('2 packets still in the line');
  expect(text).toContain('4 copies sent, 1 lost');
  expect(text).toContain('reasons: telnet 3');
  expect(text).toMatch(/filter +packets +dropped +failed$/m);
  expect(text).toMatch(/^ {2}other +10 +3 +1$/m);
  expect(text).toContain('  other: telnet 3; seen 9');
  expect(text).not.toContain('redirected');
});

it('summaryText shows what the kernel dropped, and what it refused', () => {
  const text = summaryText({ ...summary, kernelDropped: 7, ports: { lan: portOf(7, ['uso4', 'uso6']) } });
  expect(text.split('\n').slice(4)).toEqual([
    '7 packets dropped by the kernel, before they were read',
    '  port  read  bytes  forwarded  bytes  lost  dropped by kernel',
    '  lan     10   1000          0      0     0                  7',
    '  lan: goes without uso4, uso6: the kernel refused it',
  ]);
});

it('summaryText shows what each lane did', () => {
  const counts = { read: 5, made: 0, forwarded: 4, dropped: 1, lost: 0, held: 0 };
  const lanes = [
    { lane: 0, ...counts, restarts: 0, load: 0.256 },
    { lane: 1, ...counts, restarts: 12, load: 1 },
  ];
  expect(
    summaryText({ ...summary, lanes })
      .split('\n')
      .slice(-3),
  ).toEqual([
    '  lane  read  forwarded  dropped  lost  restarts  busy',
    '     0     5          4        1     0         0  0.26',
    '     1     5          4        1     0        12  1.00',
  ]);
});
