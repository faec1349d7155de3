import { REPORT_SCHEMA, type Report } from './report.ts';

/**
 * Reads a report that was written as JSON.
 *
 * @throws {TypeError} when it is none, or has another version; the text says which
 */
export function readReport(json: string): Report {
  const report = parse(json);
  if (!isRecord(report) || !('schema' in report) || !('groups' in report)) {
    throw new TypeError('it is not a report of tapline bench');
  }
  if (report['schema'] !== REPORT_SCHEMA) {
    const found = JSON.stringify(report['schema']);
    throw new TypeError(`its schema is ${found}, this version reads ${REPORT_SCHEMA}: measure the baseline again`);
  }
  if (!isRecord(report['machine']) || !isList(report['groups'], isGroup)) {
    throw new TypeError('it is damaged: machine or groups are not what they should be');
  }
  return report as unknown as Report;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new TypeError('it is not JSON');
  }
}

function isGroup(group: unknown): boolean {
  return isRecord(group) && typeof group['name'] === 'string' && isList(group['rows'], isRow);
}

function isRow(row: unknown): boolean {
  if (!isRecord(row) || typeof row['case'] !== 'string' || typeof row['metric'] !== 'string') return false;
  const hasRatio = row['ratio'] === null || isSpread(row['ratio']);
  return isSpread(row) && hasRatio && isList(row['samples'], (one) => one === null || Number.isFinite(one));
}

function isSpread(value: unknown): boolean {
  return isRecord(value) && ['median', 'least', 'most', 'q1', 'q3'].every((key) => Number.isFinite(value[key]));
}

function isList(value: unknown, isEntry: (entry: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isEntry);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
