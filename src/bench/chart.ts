import { machineText } from './machine.ts';
import type { GroupReport, Report, Row } from './report.ts';
import { numberText } from './reportText.ts';

const WIDTH = 960;
const MARGIN = 24;
/** Where bars begin and end; what stands left of them and right of them gets the rest. */
const BAR_LEFT = 280;
const BAR_RIGHT = 690;
const ROW_HEIGHT = 24;
const TITLE_HEIGHT = 46;
const HEAD_HEIGHT = 78;

const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #1f2933 }
    .title { font-weight: 600; font-size: 14px }
    .small { font-size: 11px; fill: #616e7c }
    .bar { fill: #3e7cb1 }
    .reference { fill: #9aa5b1 }
    .spread { stroke: #1f2933; stroke-width: 1.5 }
    .axis { stroke: #cbd2d9 }`;

/**
 * Draws the first metric of every case as SVG: a bar up to the median, over it a line from the least to the most with a
 * stronger piece for the middle half. Each group has a scale of its own, from 0.
 */
export function chartSvg(report: Report): string {
  const groups = report.groups.filter(({ rows }) => rows.length > 0);
  const parts: string[] = [];
  let y = HEAD_HEIGHT;
  for (const group of groups) {
    const rows = shownRows(group);
    parts.push(...groupParts(group, rows, y));
    y += TITLE_HEIGHT + rows.length * ROW_HEIGHT;
  }
  const height = y + MARGIN;
  const [software = '', hardware = ''] = machineText(report.machine);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">`,
    `  <style>${STYLE}\n  </style>`,
    `  <rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(MARGIN, 28, `tapline bench, ${report.startedAt.slice(0, 10)}, effort ${report.effort}`, 'title'),
    text(MARGIN, 46, software, 'small'),
    text(MARGIN, 61, hardware, 'small'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function shownRows({ rows }: GroupReport): Row[] {
  const first = rows[0]?.metric;
  return rows.filter(({ metric }) => metric === first);
}

function groupParts(group: GroupReport, rows: readonly Row[], top: number): string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const most = Math.max(...rows.map((row) => row.most));
  const scale = (value: number): number =>
    BAR_LEFT + (Math.max(0, value) / (most > 0 ? most : 1)) * (BAR_RIGHT - BAR_LEFT);
  const bottom = top + TITLE_HEIGHT - 14 + rows.length * ROW_HEIGHT;
  const direction = first.better === 'less' ? 'less is better' : 'more is better';
  return [
    text(MARGIN, top + 20, group.title, 'title'),
    text(
      WIDTH - MARGIN,
      top + 20,
      `${first.metric}, ${first.unit}: ${direction}${group.reference === null ? '' : `; × of ${group.reference}`}`,
      'small',
      'end',
    ),
    `  <line class="axis" x1="${BAR_LEFT}" y1="${top + 30}" x2="${BAR_LEFT}" y2="${bottom}"/>`,
    ...rows.flatMap((row, i) =>
      rowParts(row, row.case === group.reference, top + TITLE_HEIGHT - 12 + i * ROW_HEIGHT, scale),
    ),
  ];
}

function rowParts(row: Row, isReference: boolean, top: number, scale: (value: number) => number): string[] {
  const middle = top + 8;
  const [least, q1, median, q3, most] = [row.least, row.q1, row.median, row.q3, row.most].map((value) =>
    scale(value).toFixed(1),
  );
  return [
    text(BAR_LEFT - 10, top + 13, shorten(row.case), '', 'end'),
    `  <rect class="${isReference ? 'reference' : 'bar'}" x="${BAR_LEFT}" y="${top}" width="${(Number(median) - BAR_LEFT).toFixed(1)}" height="16"/>`,
    `  <line class="spread" x1="${least}" y1="${middle}" x2="${most}" y2="${middle}" stroke-opacity="0.45"/>`,
    `  <line class="spread" x1="${q1}" y1="${middle}" x2="${q3}" y2="${middle}" style="stroke-width:5" stroke-opacity="0.7"/>`,
    text(BAR_RIGHT + 14, top + 13, `${numberText(row.median)} ${row.unit}`),
    ...(row.ratio === null ? [] : [text(WIDTH - MARGIN, top + 13, `× ${row.ratio.median.toFixed(2)}`, '', 'end')]),
  ];
}

function text(x: number, y: number, content: string, className = '', anchor = 'start'): string {
  const attributes = className === '' ? '' : ` class="${className}"`;
  return `  <text x="${x}" y="${y}"${attributes} text-anchor="${anchor}">${escapeXml(content)}</text>`;
}

/** What fits left of the bars. */
function shorten(name: string): string {
  return name.length <= 36 ? name : `${name.slice(0, 35)}…`;
}

/** Characters that XML 1.0 does not allow at all are left out: names may be anything. */
function escapeXml(content: string): string {
  return content
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
