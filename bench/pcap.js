// What a pcap filter costs per packet, beside libpcap's interpreter and the same program compiled by gcc -O2. The three take
// turns; of each the best round counts. `node bench/pcap.js [--quick]`. Packets: the captures of the corpus, or TCP and UDP frames of our own.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as L from '../dist/assembly/layout.js';
import { openCapture } from '../dist/src/index.js';
import { compileExpression } from '../dist/src/pcap/compile.js';
import { numbers } from '../dist/src/pcap/program/print.js';
import { judgeModule } from '../dist/src/pcap/wasm/batch.js';
import { tcpFrame, udpFrame } from '../dist/src/testing/index.js';
import { heading, row, target } from './support/report.js';

const EXPRESSIONS = [
  ['tcp port 80', 'tcp port 80'],
  ['host A and not port 22', 'host 10.0.0.1 and not port 22'],
  [
    '50 instructions',
    'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src net 10.0.0.0/8 or ip6 and udp dst portrange 5000-5100',
  ],
];
const DROP = [{ verdict: L.VERDICT_CONTINUE }, { verdict: L.VERDICT_DROP, reason: 1 }];
const PAGE_BYTES = 65_536;
const LINKTYPE_ETHERNET = 1;
const corpus = process.env['TAPLINE_CORPUS'] ?? fileURLToPath(new URL('../../shared/corpus/tcpdump', import.meta.url));

/** Why the yardsticks cannot be built here; undefined: they can. */
function whyNotPcap() {
  const { status } = spawnSync('gcc', ['-E', '-include', 'pcap.h', '-x', 'c', '/dev/null'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'no gcc or no libpcap-dev here';
}

/** @param {{ rounds: number, milliseconds: number }} size rounds of each, and how long one lasts */
async function benchPcap({ rounds, milliseconds }) {
  const packets = await loadPackets();
  heading(`pcap filters, ${packets.length} mixed packets (ns per packet, best of ${rounds} rounds)`);
  const folder = mkdtempSync(join(tmpdir(), 'tapline-bench-'));
  try {
    writeFileSync(join(folder, 'packets'), encode(packets));
    for (const [title, expression] of EXPRESSIONS)
      compare({ title, expression, packets, folder, rounds, milliseconds });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  compileTimes();
}

function compare({ title, expression, packets, folder, rounds, milliseconds }) {
  const own = compileExpression(expression);
  const optimised = libpcapProgram(expression);
  const yardsticks = [own, optimised].map((program, i) => build(folder, `yardstick${i}`, program));
  const bench = load(packets, own);
  const best = { wasm: Infinity, interpreter: Infinity, gcc: Infinity, interpreterPlain: Infinity, gccPlain: Infinity };
  for (let round = 0; round < rounds; round++) {
    best.wasm = Math.min(best.wasm, bench.run(milliseconds));
    const [plain, fast] = yardsticks.map((path) => measure(path, folder, milliseconds));
    if (plain.matches !== bench.matches || fast.matches > plain.matches + packets.length / 100)
      throw new Error(`Verdicts differ: ${expression}`);
    best.interpreter = Math.min(best.interpreter, fast.interpreter);
    best.gcc = Math.min(best.gcc, fast.gcc);
    best.interpreterPlain = Math.min(best.interpreterPlain, plain.interpreter);
    best.gccPlain = Math.min(best.gccPlain, plain.gcc);
  }
  row(`${title} (${own.length} instructions, ${optimised.length} optimised)`, `${best.wasm.toFixed(1)}`);
  const ratio = (other) => (best.wasm / other).toFixed(2);
  row(
    '  × libpcap’s interpreter',
    ratio(best.interpreterPlain),
    target('≤ 0.5', best.wasm <= 0.5 * best.interpreterPlain),
  );
  row('  × the same, optimised by libpcap', ratio(best.interpreter));
  row('  × gcc -O2', ratio(best.gccPlain), target('≤ 2.5', best.wasm <= 2.5 * best.gccPlain));
  row('  × gcc -O2, optimised by libpcap', ratio(best.gcc));
}

async function loadPackets() {
  const packets = [];
  const names = existsSync(corpus) ? readdirSync(corpus).filter((name) => name.endsWith('.pcap')) : [];
  for (const name of names) {
    try {
      const capture = await openCapture(join(corpus, name));
      while (await capture.advance()) {
        if (capture.interfaces[capture.interface]?.linkType !== LINKTYPE_ETHERNET) continue;
        const bytes = capture.bytes.slice(capture.dataOffset, capture.dataOffset + capture.length);
        packets.push({ bytes, wire: capture.wireLength });
      }
      capture.close();
    } catch {
      // Some captures of the corpus are damaged on purpose.
    }
  }
  if (packets.length > 0) return packets;
  return Array.from({ length: 5000 }, (_, i) => {
    const bytes = (i % 3 === 0 ? udpFrame : tcpFrame)({ destinationPort: [80, 22, 443, 53][i % 4], identification: i });
    return { bytes, wire: bytes.length };
  });
}

function encode(packets) {
  const chunks = [u32(packets.length)];
  for (const { bytes, wire } of packets) chunks.push(u32(bytes.length), u32(wire), bytes);
  return Buffer.concat(chunks);
}

function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** A memory laid out as an arena, all packets in it, and the filter bound to it. */
function load(packets, program) {
  const size = packets.reduce((sum, { bytes }) => sum + bytes.length, L.SLOTS_OFFSET);
  const pages = Math.ceil(size / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const [bytes, view] = [new Uint8Array(memory.buffer), new DataView(memory.buffer)];
  const module = new WebAssembly.Module(judgeModule({ ethernet: program }, ...DROP));
  const { judge } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  view.setUint8(L.PORTS_OFFSET + L.PORT_LINK, L.LINK_ETHERNET);
  for (let i = 0; i < L.BATCH_COUNT; i++) view.setUint16(L.ACTIVE_OFFSET + i * L.INDEX_BYTES, i, true);
  const batches = [];
  let address = L.SLOTS_OFFSET;
  for (let first = 0; first < packets.length; first += L.BATCH_COUNT) {
    const batch = packets.slice(first, first + L.BATCH_COUNT);
    const descriptors = new Uint8Array(L.BATCH_COUNT * L.DESCRIPTOR_BYTES);
    const descriptorView = new DataView(descriptors.buffer);
    batch.forEach((packet, i) => {
      bytes.set(packet.bytes, address);
      descriptorView.setUint32(i * L.DESCRIPTOR_BYTES + L.DESCRIPTOR_FRAME, address, true);
      descriptorView.setUint32(i * L.DESCRIPTOR_BYTES + L.DESCRIPTOR_LENGTH, packet.bytes.length, true);
      descriptorView.setUint32(i * L.DESCRIPTOR_BYTES + L.DESCRIPTOR_WIRE_LENGTH, packet.wire, true);
      address += packet.bytes.length;
    });
    batches.push({ count: batch.length, descriptors });
  }
  const bench = { matches: 0, run };
  /** Only the call is timed: descriptors are put in place before it. */
  function run(milliseconds) {
    let best = Infinity;
    for (const end = performance.now() + milliseconds; performance.now() < end;) {
      let [ns, matches] = [0, 0];
      for (const { count, descriptors } of batches) {
        bytes.set(descriptors, L.DESCRIPTORS_OFFSET);
        bytes.fill(0, L.OUTCOMES_OFFSET, L.OUTCOMES_OFFSET + L.BATCH_COUNT * L.OUTCOME_BYTES);
        const start = process.hrtime.bigint();
        judge(count);
        ns += Number(process.hrtime.bigint() - start);
        for (let i = 0; i < count; i++)
          matches += bytes[L.OUTCOMES_OFFSET + i * L.OUTCOME_BYTES] === L.VERDICT_CONTINUE ? 1 : 0;
      }
      best = Math.min(best, ns / packets.length);
      bench.matches = matches;
    }
    return best;
  }
  return bench;
}

/** What libpcap makes of an expression with its optimiser. */
function libpcapProgram(expression) {
  const { stdout, status } = spawnSync('tcpdump', ['-y', 'EN10MB', '-ddd', expression], { encoding: 'utf8' });
  if (status !== 0) return compileExpression(expression);
  return stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [code, jt, jf, k] = line.split(' ').map(Number);
      return { code, jt, jf, k };
    });
}

function build(folder, name, program) {
  const [path, header] = [join(folder, name), join(folder, 'program.h')];
  writeFileSync(header, programHeader(program));
  const source = fileURLToPath(new URL('pcap.c', import.meta.url));
  execFileSync('gcc', ['-O2', '-I', folder, '-o', path, source, '-lpcap']);
  return path;
}

function measure(path, folder, milliseconds) {
  const [interpreter, gcc, matches] = execFileSync(path, [join(folder, 'packets'), String(milliseconds)], {
    encoding: 'utf8',
  })
    .split(' ')
    .map(Number);
  return { interpreter, gcc, matches };
}

/** The program as data for libpcap, and as C for gcc. Only what the expressions above need. */
function programHeader(program) {
  const data = numbers(program)
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => `{${line.replaceAll(' ', ',')}u}`)
    .join(',\n');
  const code = program.map((instruction, i) => `L${i}: ${cLine(instruction, i)}`).join('\n');
  return `static struct bpf_insn insns[] = {\n${data} };
static uint16_t half(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return __builtin_bswap16(v); }
static uint32_t word(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return __builtin_bswap32(v); }
static __attribute__((noinline)) uint32_t compiled(const uint8_t *p, uint32_t wire, uint32_t len) {
uint32_t a = 0, x = 0, m[16] = {0}; (void)x; (void)m; (void)wire;
${code}
}\n`;
}

function cLine({ code, jt, jf, k }, i) {
  const size = { 0x00: [4, 'word'], 0x08: [2, 'half'], 0x10: [1, ''] }[code & 0x18];
  const fetch = (at, check) => `if (${check}) return 0; a = ${size[1]}${size[1] === '' ? `p[${at}]` : `(p + ${at})`};`;
  const operand = code & 8 ? 'x' : `${k}u`;
  switch (code & 7) {
    case 0:
      if ((code & 0xe0) === 0x00) return `a = ${k}u;`;
      if ((code & 0xe0) === 0x20) return fetch(`${k}u`, `len < ${k + size[0]}u`);
      if ((code & 0xe0) === 0x40) return fetch(`x + ${k}u`, `(uint64_t)x + ${k + size[0]}u > len`);
      return (code & 0xe0) === 0x60 ? `a = m[${k}];` : 'a = wire;';
    case 1:
      if ((code & 0xe0) === 0x00) return `x = ${k}u;`;
      if ((code & 0xe0) === 0x60) return `x = m[${k}];`;
      return `if (len <= ${k}u) return 0; x = (p[${k}u] & 15) << 2;`;
    case 2:
      return `m[${k}] = a;`;
    case 3:
      return `m[${k}] = x;`;
    case 4:
      return `a ${{ 0x00: '+', 0x10: '-', 0x20: '*', 0x40: '|', 0x50: '&', 0x60: '<<', 0x70: '>>' }[code & 0xf0]}= ${operand};`;
    case 5: {
      if ((code & 0xf0) === 0) return `goto L${i + 1 + k};`;
      const test = { 0x10: '==', 0x20: '>', 0x30: '>=', 0x40: '&' }[code & 0xf0];
      return `if (a ${test} ${operand}) goto L${i + 1 + jt}; else goto L${i + 1 + jf};`;
    }
    case 6:
      return `return ${k}u;`;
    default:
      return code & 0x80 ? 'a = x;' : 'x = a;';
  }
}

/** From the text to a function that can be called, in processes of their own where it is cold. */
function compileTimes() {
  const script = `
    const start = performance.now();
    const { compileExpression } = await import(${JSON.stringify(new URL('../dist/src/pcap/compile.js', import.meta.url).href)});
    const { judgeModule } = await import(${JSON.stringify(new URL('../dist/src/pcap/wasm/batch.js', import.meta.url).href)});
    const imported = performance.now();
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const compile = (text) => new WebAssembly.Instance(new WebAssembly.Module(judgeModule({ ethernet: compileExpression(text) }, { verdict: 0 }, { verdict: 2 })), { env: { memory } });
    compile('tcp port 80 and not src net 10.0.0.0/8');
    const cold = performance.now();
    for (let i = 0; i < 500; i++) compile('tcp port ' + i + ' and not src net 10.0.0.0/8');
    console.log(imported - start, cold - imported, (performance.now() - cold) / 500);`;
  const runs = Array.from({ length: 5 }, () =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
      .trim()
      .split(' ')
      .map(Number),
  );
  const [imported, cold, warm] = [0, 1, 2].map((i) => Math.min(...runs.map((run) => run[i])));
  row('import of the compiler (ms)', imported.toFixed(1), target('≤ 20', imported <= 20));
  row('an expression to a function, cold (ms)', cold.toFixed(2), target('≤ 5', cold <= 5));
  row('the same, warm (ms)', warm.toFixed(2), target('≤ 1', warm <= 1));
}

const reason = whyNotPcap();
const isQuick = process.argv.includes('--quick');
if (reason !== undefined) heading(`pcap: left out, ${reason}`);
else await benchPcap(isQuick ? { rounds: 1, milliseconds: 100 } : { rounds: 15, milliseconds: 300 });
