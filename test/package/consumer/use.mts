import { type Summary, defineFilter, openPipeline, prefix, queue, tap } from 'tapline';
import { type Report, filterCase, microGroup, runBench } from 'tapline/bench';
import * as testing from 'tapline/testing';

const lan = prefix('10.0.0.0/8');
const limit = defineFilter({
  name: 'limit',
  config: { port: { type: 'u16' }, strict: { type: 'boolean', default: false } },
  counters: ['seen'],
  reasons: ['telnet'],
  filter(packet, context) {
    context.counters.seen++;
    const port: number = context.config.port;
    return packet.sourceIn(lan) && packet.destinationPort === port ? packet.drop('telnet') : undefined;
  },
});
const line = await openPipeline({ ports: { a: queue(), b: queue() }, filters: [limit({ port: 23 })] });
const summary: Summary = line.summary();
console.log(summary.read, tap('lan0').kind, typeof testing);
await line.close();

const group = microGroup({ name: 'mine', title: 'Mine', cases: [filterCase('limit', limit({ port: 23 }))] });
const report: Report = await runBench([group], { effort: 'quick' });
console.log(report.groups[0]?.rows[0]?.median);
