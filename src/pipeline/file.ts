import { inspect } from 'node:util';
import { suggest } from '../suggest.ts';

/** What a capture file is read as. */
export interface FileOptions {
  /**
   * What of it comes into the line: `'ethernet'` frames or `'ip'` packets. Default: what its first interface carries.
   * Packets of other interfaces that are something else are skipped and counted.
   */
  readonly link?: 'ethernet' | 'ip';
  /** 1: packets come as far apart as they were captured; 2: twice as fast. Default Infinity: as fast as they can. */
  readonly speed?: number;
  /**
   * Longest IP packet of the network it was captured in, 576 to 65,535 bytes: a longer one of TCP was a super-packet there,
   * and is one again, of segments that fit. Default none: packets are taken as they are, whatever their length.
   */
  readonly mtu?: number;
}

/** What is captured to a file. */
export interface CaptureFileOptions {
  /** What it takes: `'ethernet'` frames or `'ip'` packets. Default: what the other ports of the line carry. */
  readonly link?: 'ethernet' | 'ip';
  /** Most bytes that are kept of a packet, 1 to 262,144. Default: all. */
  readonly snapLength?: number;
  /** Default: `'pcap'` for a path that ends in `.pcap` or `.cap`, otherwise `'pcapng'`. */
  readonly format?: 'pcapng' | 'pcap';
  /** `'whole'`, the default: super-packets as they pass. `'segments'`: cut, with complete checksums. */
  readonly superPackets?: 'whole' | 'segments';
}

/** A capture file from which packets come; `file()` makes one. */
export interface FilePort {
  readonly kind: 'file';
  readonly path: string;
  readonly options: FileOptions;
}

/** A capture file to which packets go; `capture()` makes one. */
export interface CaptureFilePort {
  readonly kind: 'capture';
  readonly path: string;
  readonly options: CaptureFileOptions;
}

/** A port that takes everything and keeps nothing; `discard()` makes one. */
export interface DiscardPort {
  readonly kind: 'discard';
}

/**
 * A capture file (pcap or pcapng, plain or gzip) as a port from which packets come, opened with the line. When it was read
 * to its end, the port is finished; a line all of whose inputs are finished ends.
 *
 * @param path a file, a named pipe, or `-` for standard input
 * @throws {TypeError} or {RangeError} when an option is wrong
 */
export function file(path: string, options: FileOptions = {}): FilePort {
  checkPath('read a capture', path);
  checkKeys('read a capture', options, ['link', 'speed', 'mtu']);
  checkWord('read a capture', 'link', options.link, ['ethernet', 'ip']);
  const { speed = Infinity } = options;
  if (typeof speed !== 'number' || !(speed > 0)) {
    throw new RangeError(`Cannot read a capture with speed ${inspect(speed)}: expected a number above 0`);
  }
  const { mtu = 1500 } = options;
  if (!Number.isInteger(mtu) || mtu < 576 || mtu > 65_535) {
    throw new RangeError(`Cannot read a capture with mtu ${inspect(mtu)}: expected 576 to 65535`);
  }
  return { kind: 'file', path, options };
}

/**
 * A capture file as a port to which packets go: by a route, a redirect or a mirror. The file is made, or emptied, when the
 * line is opened, and is whole when `run` has ended. A disk that is full stops the capture and not the line.
 *
 * @param path a file, a named pipe that somebody reads, or `-` for standard output. `.pcap` and `.cap` are written as pcap,
 *   anything else as pcapng; with `.gz` behind it, compressed
 * @throws {TypeError} or {RangeError} when an option is wrong
 */
export function capture(path: string, options: CaptureFileOptions = {}): CaptureFilePort {
  checkPath('capture', path);
  checkKeys('capture', options, ['link', 'snapLength', 'format', 'superPackets']);
  checkWord('capture', 'link', options.link, ['ethernet', 'ip']);
  checkWord('capture', 'format', options.format, ['pcapng', 'pcap']);
  checkWord('capture', 'superPackets', options.superPackets, ['whole', 'segments']);
  const { snapLength = 1 } = options;
  if (!Number.isInteger(snapLength) || snapLength < 1 || snapLength > 262_144) {
    throw new RangeError(`Cannot capture with snapLength ${inspect(snapLength)}: expected 1 to 262144`);
  }
  return { kind: 'capture', path, options };
}

/** A port that takes everything and keeps nothing, so that packets count as forwarded: for lines that only look. */
export function discard(): DiscardPort {
  return { kind: 'discard' };
}

function checkPath(task: string, path: unknown): void {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return;
  throw new TypeError(`Cannot ${task}: expected a path, got ${inspect(path)}`);
}

function checkKeys(task: string, options: unknown, keys: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`Cannot ${task}: options must be an object`);
  for (const key of Object.keys(options)) {
    if (!keys.includes(key)) throw new TypeError(`Cannot ${task} with '${key}'${suggest(key, keys)}`);
  }
}

function checkWord(task: string, key: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || words.includes(value as string)) return;
  throw new TypeError(`Cannot ${task} with ${key} ${inspect(value)}: expected '${words.join("' or '")}'`);
}
