// Programs of classic BPF as C: as data for libpcap's interpreter, and as a function for the compiler.

import { numbers } from '../../dist/src/pcap/program/print.js';

/** `program`, for `bpf_filter`. */
export function interpreted(program) {
  const [, ...lines] = numbers(program).trim().split('\n');
  const entries = lines.map((line) => `  {${line.replaceAll(' ', ', ')}u},\n`);
  return `static struct bpf_insn program[] = {\n${entries.join('')}};\n`;
}

/** `judge`, as plainly as a compiler could wish for. Only what the expressions of `pcap.js` need. */
export function compiled(program) {
  return `
static uint16_t half(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return __builtin_bswap16(v); }
static uint32_t word(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return __builtin_bswap32(v); }
static __attribute__((noinline)) uint32_t judge(const uint8_t *p, uint32_t wire, uint32_t len) {
  uint32_t a = 0, x = 0, m[16] = {0};
  (void)half, (void)word, (void)a, (void)x, (void)m, (void)wire;
${program.map((instruction, i) => `  L${i}: __attribute__((unused)); ${statement(instruction, i)}\n`).join('')}}
`;
}

const OPERATORS = { 0x00: '+', 0x10: '-', 0x20: '*', 0x40: '|', 0x50: '&', 0x60: '<<', 0x70: '>>' };
const COMPARISONS = { 0x10: '==', 0x20: '>', 0x30: '>=', 0x40: '&' };

function statement({ code, jt, jf, k }, i) {
  const operand = code & 8 ? 'x' : `${k}u`;
  switch (code & 7) {
    case 0:
      return load(code, k);
    case 1:
      return loadIndex(code, k);
    case 2:
      return `m[${k}] = a;`;
    case 3:
      return `m[${k}] = x;`;
    case 4:
      return `a ${OPERATORS[code & 0xf0]}= ${operand};`;
    case 5:
      if ((code & 0xf0) === 0) return `goto L${i + 1 + k};`;
      return `if (a ${COMPARISONS[code & 0xf0]} ${operand}) goto L${i + 1 + jt}; else goto L${i + 1 + jf};`;
    case 6:
      return `return ${k}u;`;
    default:
      return code & 0x80 ? 'a = x;' : 'x = a;';
  }
}

const SIZES = { 0x00: [4, 'word(p + AT)'], 0x08: [2, 'half(p + AT)'], 0x10: [1, 'p[AT]'] };

function load(code, k) {
  const [bytes, fetch] = SIZES[code & 0x18];
  switch (code & 0xe0) {
    case 0x00:
      return `a = ${k}u;`;
    case 0x20:
      return `if (len < ${k + bytes}u) return 0; a = ${fetch.replace('AT', `${k}u`)};`;
    case 0x40:
      return `if ((uint64_t)x + ${k + bytes}u > len) return 0; a = ${fetch.replace('AT', `x + ${k}u`)};`;
    case 0x60:
      return `a = m[${k}];`;
    default:
      return 'a = wire;';
  }
}

function loadIndex(code, k) {
  if ((code & 0xe0) === 0x00) return `x = ${k}u;`;
  if ((code & 0xe0) === 0x60) return `x = m[${k}];`;
  return `if (len <= ${k}u) return 0; x = (p[${k}u] & 15) << 2;`;
}
