import type { TaplineError } from '../errors.ts';
import { suggest } from '../suggest.ts';
import { CaptureWriter } from './captureWriter.ts';
import type { Encoder, WrittenInterface } from './encoder.ts';
import { GZIP_SUFFIX, openSink, sinkName } from './openSink.ts';
import { PcapEncoder } from './pcapEncoder.ts';
import { MAXIMUM_SNAP_LENGTH } from './pcapRecords.ts';
import { PcapngEncoder } from './pcapngEncoder.ts';
import type { ByteSink } from './sink.ts';

/** What a capture is to be. */
export interface CaptureOptions {
  /** At least one; packets name them by their index. */
  readonly interfaces: readonly WrittenInterface[];
  /** Default: `'pcap'` for a path that ends in `.pcap` or `.cap` (a `.gz` behind it aside), otherwise `'pcapng'`. */
  readonly format?: 'pcapng' | 'pcap';
  /** Unit of timestamps. Default `'nanoseconds'`; some old readers of pcap know only `'microseconds'`. */
  readonly resolution?: 'nanoseconds' | 'microseconds';
  /** Default `'little'`. */
  readonly byteOrder?: 'little' | 'big';
  /** shb_userappl. Default `'tapline'`. */
  readonly application?: string;
  /** Bytes that may wait for a slow disk or pipe: 1 MiB to 1 GiB. Default 4 MiB. */
  readonly bufferBytes?: number;
  /** When a packet is written at the latest, for those who read along: 0 to 60,000. Default 250. */
  readonly flushAfterMs?: number;
  /** Hears, once, why the capture stopped before it was closed. Default: the next `flush` or `close` throws it. */
  readonly onStop?: (error: TaplineError) => void;
}

/**
 * Begins a capture: a new file (one of that name is emptied), a named pipe that somebody reads, or standard output.
 *
 * @param to path, `-` for standard output, or a sink of your own; a path that ends in `.gz` is compressed
 * @throws {TypeError} when an option is of the wrong kind
 * @throws {RangeError} when a number is out of its range
 * @throws {TaplineError} `SYSCALL` when the file cannot be opened
 */
export function createCapture(to: string | ByteSink, options: CaptureOptions): CaptureWriter {
  checkOptions(options);
  const encoder = encoderOf(typeof to === 'string' ? to : '', options);
  const [name, sink] = typeof to === 'string' ? [sinkName(to), openSink(to)] : ['the capture', to];
  const { interfaces, bufferBytes = 4 * 2 ** 20, flushAfterMs = 250, onStop } = options;
  return new CaptureWriter(name, sink, encoder, interfaces, { bufferBytes, flushAfterMs, onStop });
}

function encoderOf(path: string, options: CaptureOptions): Encoder {
  const { interfaces, resolution, byteOrder, application = 'tapline' } = options;
  const { format = /\.p?cap$/i.test(path.replace(GZIP_SUFFIX, '')) ? 'pcap' : 'pcapng' } = options;
  const isLittleEndian = byteOrder !== 'big';
  const isNanoseconds = resolution !== 'microseconds';
  if (format === 'pcapng') return new PcapngEncoder(interfaces, application, isLittleEndian, isNanoseconds);
  const [first, ...others] = interfaces;
  if (first === undefined || others.some(({ linkType }) => linkType !== first.linkType)) {
    throw new TypeError('Cannot write interfaces of several link types to a pcap file: use pcapng');
  }
  return new PcapEncoder(first, isLittleEndian, isNanoseconds);
}

const KEYS = [
  'interfaces',
  'format',
  'resolution',
  'byteOrder',
  'application',
  'bufferBytes',
  'flushAfterMs',
  'onStop',
];

const INTERFACE_COUNT = 256;
const NAME_LENGTH = 256;

function checkOptions(options: CaptureOptions): void {
  const { interfaces, format = 'pcapng', resolution = 'nanoseconds', byteOrder = 'little' } = options;
  const { bufferBytes = 2 ** 20, flushAfterMs = 0 } = options;
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) throw new TypeError(`Cannot create a capture with '${key}'${suggest(key, KEYS)}`);
  }
  if (!isList(interfaces)) throw new TypeError('Expected interfaces to be a list');
  checkNumber('the number of interfaces', interfaces.length, 1, INTERFACE_COUNT);
  for (const { name, linkType, snapLength = MAXIMUM_SNAP_LENGTH } of interfaces) {
    if (typeof name !== 'string' || name.length > NAME_LENGTH) {
      throw new TypeError(`Expected the name of an interface to be text of up to ${NAME_LENGTH} characters`);
    }
    checkNumber('linkType', linkType, 0, 0xffff);
    checkNumber('snapLength', snapLength, 1, MAXIMUM_SNAP_LENGTH);
  }
  checkWord('format', format, ['pcapng', 'pcap']);
  checkWord('resolution', resolution, ['nanoseconds', 'microseconds']);
  checkWord('byteOrder', byteOrder, ['little', 'big']);
  checkNumber('bufferBytes', bufferBytes, 2 ** 20, 2 ** 30);
  checkNumber('flushAfterMs', flushAfterMs, 0, 60_000);
}

function checkNumber(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`Expected ${name} to be an integer from ${least} to ${most}, got ${value}`);
}

function checkWord(name: string, value: string, words: readonly string[]): void {
  if (words.includes(value)) return;
  throw new TypeError(`Expected ${name} to be ${words.join(' or ')}, got '${value}'`);
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}
