import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LinkType } from '../../../src/pcap/linkType.ts';
import type { Instruction } from '../../../src/pcap/program/bpf.ts';

/** DLT_* of `<pcap/dlt.h>`. */
export const DLT: Readonly<Record<LinkType, number>> = {
  ethernet: 1,
  raw: 12,
  ipv4: 228,
  ipv6: 229,
  sll: 113,
  sll2: 276,
  null: 0,
  loop: 108,
};

/** One packet, perhaps cut when it was captured. */
export interface TestPacket {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
}

/** What libpcap says of one expression. */
export interface Answer {
  readonly program: readonly Instruction[];
  /** For each truncation one bit per packet, low bits first, filled up to whole bytes. */
  readonly verdicts: Uint8Array;
}

/** No truncation. */
export const WHOLE = 0xffffffff;

/** Where captures of tests are cut: ends of headers, and the middle of some. */
export const TRUNCATIONS: readonly number[] = [WHOLE, 0, 13, 14, 20, 22, 24, 34, 36, 38, 42, 54, 56, 60, 74];

/** libpcap, built on the spot from Debian's libpcap-dev. */
export interface Oracle {
  readonly version: string;
  /** Runs expressions on packets. Undefined: refused. */
  ask(
    link: LinkType,
    expressions: readonly string[],
    packets: readonly TestPacket[],
    truncations: readonly number[],
  ): Promise<(Answer | undefined)[]>;
  /** The same with programs: `code jt jf k` for each instruction. */
  askPrograms(
    programs: readonly string[],
    packets: readonly TestPacket[],
    truncations: readonly number[],
  ): Promise<(Answer | undefined)[]>;
  close(): void;
}

/** Builds the oracle; undefined, with a printed reason, where there is no compiler or no libpcap-dev. */
export function buildOracle(): Oracle | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tapline-oracle-'));
  const close = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const path = join(folder, 'oracle');
  try {
    const source = fileURLToPath(new URL('oracle.c', import.meta.url));
    execFileSync('gcc', ['-O2', '-o', path, source, '-lpcap'], { stdio: 'pipe' });
  } catch (error) {
    close();
    if (process.env['REQUIRE_LIBPCAP'] === '1') throw error;
    console.log('skipped: no gcc or no libpcap-dev, so nothing can be compared with libpcap');
    return undefined;
  }
  const version = execFileSync(path, ['-v'], { encoding: 'utf8' }).trim();
  const run = async (
    args: readonly string[],
    lines: readonly string[],
    packets: readonly TestPacket[],
    truncations: readonly number[],
  ): Promise<(Answer | undefined)[]> => {
    const file = join(folder, `packets-${packets.length}-${process.hrtime.bigint()}`);
    writeFileSync(file, encode(packets));
    const [dlt = '', ...flags] = args;
    const child = spawn(path, [dlt, file, ...flags, ...truncations.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const bytesPerAnswer = truncations.length * Math.ceil(packets.length / 8);
    const answers = decode(await outputOf(child, lines), lines.length, bytesPerAnswer);
    rmSync(file);
    return answers;
  };
  return {
    version,
    ask: (link, expressions, packets, truncations) => run([String(DLT[link])], expressions, packets, truncations),
    askPrograms: (programs, packets, truncations) => run(['1', '-p'], programs, packets, truncations),
    close,
  };
}

async function outputOf(child: ChildProcess, lines: readonly string[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin?.end(lines.map((line) => `${line.replaceAll('\n', ' ')}\n`).join(''));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`The oracle ended with ${String(code)}`);
  return Buffer.concat(chunks);
}

function encode(packets: readonly TestPacket[]): Uint8Array {
  const bytes = Buffer.alloc(4 + packets.reduce((sum, packet) => sum + 8 + packet.bytes.length, 0));
  let at = bytes.writeUInt32LE(packets.length);
  for (const packet of packets) {
    at = bytes.writeUInt32LE(packet.bytes.length, at);
    at = bytes.writeUInt32LE(packet.wireLength, at);
    bytes.set(packet.bytes, at);
    at += packet.bytes.length;
  }
  return bytes;
}

function decode(bytes: Buffer, count: number, bytesPerAnswer: number): (Answer | undefined)[] {
  const answers: (Answer | undefined)[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (bytes.readUInt8(at++) === 0) {
      answers.push(undefined);
      continue;
    }
    const instructions = bytes.readUInt32LE(at);
    at += 4;
    const program = Array.from({ length: instructions }, (_, j) => instructionAt(bytes, at + 8 * j));
    at += 8 * instructions;
    answers.push({ program, verdicts: bytes.subarray(at, at + bytesPerAnswer) });
    at += bytesPerAnswer;
  }
  return answers;
}

function instructionAt(bytes: Buffer, at: number): Instruction {
  return {
    code: bytes.readUInt16LE(at),
    jt: bytes.readUInt8(at + 2),
    jf: bytes.readUInt8(at + 3),
    k: bytes.readUInt32LE(at + 4),
  };
}
