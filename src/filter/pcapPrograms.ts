import * as L from '../../assembly/layout.ts';
import type { Arena } from '../core/arena.ts';
import { TaplineError } from '../errors.ts';
import { type CompileOptions, compileExpression } from '../pcap/compile.ts';
import { ExpressionError } from '../pcap/expressionError.ts';
import { type ForeignProgram, readProgram } from '../pcap/program/foreign.ts';
import type { Programs } from '../pcap/wasm/batch.ts';

/** What decides by the bytes of a packet: a pcap expression, or a program of classic BPF that somebody else compiled. */
export type PcapSource =
  | string
  | {
      /** What `tcpdump -ddd` prints, `struct sock_filter` bytes, or a list of instructions. */
      readonly program: ForeignProgram;
      /** The frames that it was made for: those of TAP (default) or of TUN ports. */
      readonly link?: 'ethernet' | 'raw';
    };

/** What an expression may need to know beside itself. */
export type PcapOptions = Omit<CompileOptions, 'link'>;

/** A source that was checked: compiled for the kinds of frames where it has a meaning. */
export interface CheckedSource {
  /** The programs for the ports of a line. Throws where there is none for one of them. */
  programsFor(arena: Arena): Programs;
}

/**
 * Compiles a source for both kinds of frames.
 *
 * @throws {TypeError} what is no source
 * @throws {ExpressionError} `BAD_EXPRESSION` an expression that has a meaning on neither
 * @throws {TaplineError} `BAD_PROGRAM`
 */
export function checkSource(source: PcapSource, options: PcapOptions): CheckedSource {
  const results = typeof source === 'string' ? compileBoth(source, options) : readForeign(source);
  return { programsFor: (arena) => pick(results, kindsOf(arena)) };
}

/** Programs, or why there is none. */
type Results = Readonly<Record<keyof Programs, Programs['ip'] | TaplineError>>;

function compileBoth(expression: string, options: PcapOptions): Results {
  const compile = (link: 'ethernet' | 'raw'): Programs['ip'] | ExpressionError => {
    try {
      return compileExpression(expression, { ...options, link });
    } catch (error) {
      if (error instanceof ExpressionError) return error;
      throw error;
    }
  };
  const [ethernet, ip] = [compile('ethernet'), compile('raw')];
  if (ethernet instanceof Error && ip instanceof Error) throw ethernet;
  return { ethernet, ip };
}

function readForeign(source: Exclude<PcapSource, string>): Results {
  if (typeof source !== 'object' || (source as unknown) === null || !('program' in source)) {
    throw new TypeError(`Expected a pcap expression or { program }, got ${typeof source}`);
  }
  const { link = 'ethernet', program } = source;
  if (!(['ethernet', 'raw'] as unknown[]).includes(link)) {
    throw new TypeError(`Expected link to be 'ethernet' or 'raw', got ${JSON.stringify(link)}`);
  }
  const read = readProgram(program);
  const other = new TaplineError('BAD_PROGRAM', `Cannot use the program: it was made for ${link} frames`);
  return link === 'ethernet' ? { ethernet: read, ip: other } : { ethernet: other, ip: read };
}

function pick(results: Results, kinds: ReadonlySet<keyof Programs>): Programs {
  const programs: { -readonly [Kind in keyof Programs]: Programs[Kind] } = {};
  for (const kind of kinds) {
    const result = results[kind];
    if (result instanceof Error) throw result;
    if (result !== undefined) programs[kind] = result;
  }
  return programs;
}

/** Kinds of frames that the ports of a line carry. */
function kindsOf({ view }: Arena): Set<keyof Programs> {
  const kinds = new Set<keyof Programs>();
  for (let port = 0; port < L.COPY_PORT; port++) {
    const record = L.PORTS_OFFSET + port * L.PORT_BYTES;
    if (view.getUint32(record + L.PORT_STRIDE, true) === 0) continue;
    kinds.add(view.getUint8(record + L.PORT_LINK) === L.LINK_ETHERNET ? 'ethernet' : 'ip');
  }
  return kinds;
}
