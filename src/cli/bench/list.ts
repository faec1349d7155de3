import type { BenchGroup } from '../../bench/benchCase.ts';
import { type Effort, reaches } from '../../bench/effort.ts';
import { expectedSeconds, limitSeconds } from '../../bench/time.ts';
import { table } from '../table.ts';

/** What `--list` prints. */
export function listText(groups: readonly BenchGroup[], effort: Effort): string {
  const rows = groups.map((group) => [
    group.name,
    group.kind,
    durationText(expectedSeconds(group, effort)),
    group.title,
    reaches(effort, group.least)
      ? ''
      : `only ${group.least === 'full' ? 'with --full' : 'without --quick'}, or by name`,
  ]);
  return table([['group', 'kind', 'takes', 'what', ''], ...rows]).join('\n');
}

/** Said before anything is measured. */
export function foretell(groups: readonly BenchGroup[], effort: Effort): string {
  const [expected, most] = [expectedSeconds, limitSeconds].map((seconds) =>
    groups.reduce((sum, group) => sum + seconds(group, effort), 0),
  );
  const count = groups.length === 1 ? '1 group' : `${groups.length} groups`;
  return `${count}, about ${durationText(expected ?? 0)}; rounds are cut rather than taking more than ${durationText(most ?? 0)}`;
}

/** `45 s`, `3 min 20 s`. */
export function durationText(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
