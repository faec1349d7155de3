// pcap filters beside libpcap's interpreter, and the same program as C: all of them run the program that libpcap makes
// without its optimiser, but for the last, which is what libpcap's users have.

import { spawnSync } from 'node:child_process';
import { pcapFilter } from 'tapline';
import { MIXED_KINDS, MIXED_SIZES, Unavailable, filterCase, microGroup, traffic, twinCase } from 'tapline/bench';
import { compileExpression } from '../../dist/src/pcap/compile.js';
import { compiled, interpreted } from './pcapTwin.js';
import { verdicts } from './verdicts.js';

const EXPRESSIONS = {
  'pcap-port': 'tcp port 80',
  'pcap-host': 'host 10.1.0.1 and not port 22',
  'pcap-50': 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src net 10.0.0.0/8 or ip6 and udp dst portrange 5000-5100',
};
const frames = (seed) => traffic({ seed, sizes: MIXED_SIZES, mix: MIXED_KINDS });

export const pcap = Object.entries(EXPRESSIONS).map(([name, expression]) => {
  const program = compileExpression(expression);
  const answers = (all) => verdicts(pcapFilter(expression), all);
  const interpreter = (of) => ({ program: 'libpcap', parts: { header: interpreted(of), libraries: ['pcap'] }, frames });
  return microGroup({
    name,
    title: `pcap filter ${expression.length < 40 ? `'${expression}'` : `of ${program.length} instructions`}`,
    reference: 'C',
    cases: [
      twinCase('C', { program: 'bpf', parts: { header: compiled(program) }, frames, answers }),
      twinCase('libpcap', { ...interpreter(program), answers }),
      whereThereIsTcpdump('libpcap, optimised', () => twinCase('', interpreter(optimised(expression)))),
      filterCase('pcapFilter', pcapFilter(expression), { frames }),
    ],
  });
});

/** Its optimiser changes what some expressions mean, for packets that are cut off: it has no answers to compare. */
function optimised(expression) {
  const { stdout, status } = spawnSync('tcpdump', ['-y', 'EN10MB', '-ddd', expression], { encoding: 'utf8' });
  if (status !== 0) throw new Unavailable('not installed: tcpdump, which shows what libpcap makes of an expression');
  const [, ...lines] = stdout.trim().split('\n');
  return lines.map((line) => {
    const [code, jt, jf, k] = line.split(' ').map(Number);
    return { code, jt, jf, k };
  });
}

/** The program is asked for when the case is opened, not before. */
function whereThereIsTcpdump(name, make) {
  return { name, open: (context) => make().open(context) };
}
