/**
 * For figures of your own: your filters, your machine, beside programs in C that are compiled on the spot.
 *
 * ```ts
 * import { filterCase, reportText, runBench } from 'tapline/bench';
 *
 * const report = await runBench([filterGroup({ mine: filterCase('mine', myFilter) })]);
 * console.log(reportText(report));
 * ```
 *
 * @module
 */
export { Unavailable } from './benchCase.ts';
export type { BenchCase, BenchContext, BenchGroup, Contender, GroupSize, Metric, Sample } from './benchCase.ts';
export type { Effort } from './effort.ts';
export { runBench } from './runBench.ts';
export type { BenchOptions } from './runBench.ts';
export { expectedSeconds, groupsAt } from './time.ts';
export type { Programs } from './programs.ts';
export { packageFolder } from './programs.ts';

export { MIXED_KINDS, MIXED_SIZES, traffic } from './traffic.ts';
export type { TrafficKind, TrafficOptions } from './traffic.ts';

export { NS_PER_PACKET, functionCase } from './micro/functionCase.ts';
export type { Timed } from './micro/functionCase.ts';
export { filterCase } from './micro/filterCase.ts';
export type { FilterCaseOptions } from './micro/filterCase.ts';
export { microGroup } from './micro/microGroup.ts';
export type { MicroGroupOptions } from './micro/microGroup.ts';
export { twinCase } from './micro/twinCase.ts';
export type { TwinOptions } from './micro/twinCase.ts';

export { bridgePath } from './live/bridgePath.ts';
export { linePath } from './live/linePath.ts';
export type { LinePathOptions } from './live/linePath.ts';
export { programPath } from './live/programPath.ts';
export type { ProgramPathOptions } from './live/programPath.ts';
export type { Path, PathKind, PathOptions, RelayTime } from './live/path.ts';
export type { Hosts } from './live/hosts.ts';
export { floodGroup } from './live/floodGroup.ts';
export { iperfGroup } from './live/iperfGroup.ts';
export type { IperfGroupOptions } from './live/iperfGroup.ts';
export { latencyGroup } from './live/latencyGroup.ts';
export type { LatencyGroupOptions } from './live/latencyGroup.ts';
export { oneWayGroup } from './live/oneWayGroup.ts';
export { relayGroup } from './live/relayGroup.ts';
export type { PathGroupOptions } from './live/relayGroup.ts';

export { REPORT_SCHEMA } from './report.ts';
export type { GroupReport, LeftOut, Report, Row } from './report.ts';
export type { Machine } from './machine.ts';
export type { Spread } from './statistics.ts';
export { readReport } from './readReport.ts';
export { comparisonText, reportText } from './reportText.ts';
export { chartSvg } from './chart.ts';
export { LEAST_ROUNDS, TOLERANCE, compareReports } from './compare.ts';
export type { ComparedRow, Comparison, UnmatchedRow } from './compare.ts';
