import { fstatSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CaptureWriter } from '../capture/captureWriter.ts';
import type { WrittenInterface } from '../capture/encoder.ts';
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from '../capture/linkType.ts';
import { createCapture } from '../capture/writer.ts';
import type { TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import type { CaptureFilePort, DiscardPort } from './file.ts';
import type { CaptureSummary } from './summary.ts';

/** A port as a capture describes it. */
export interface CapturedPort {
  readonly number: number;
  readonly name: string;
  readonly link: 'ethernet' | 'ip';
}

/** A capture as its line sees it: the target of a port to which packets go, or a record of all that comes in. */
export class LineCapture {
  readonly kind: 'capture' | 'discard';
  /** Empty for a port that keeps nothing. */
  readonly path: string;
  readonly declaredLink: 'ethernet' | 'ip' | undefined;
  /** Whether super-packets are to be cut for it. */
  readonly wantsSegments: boolean;
  /** From `begin` on; never for a port that keeps nothing. */
  writer: CaptureWriter | undefined;
  /** Index of the writer's interface by number of the port by which a packet came in. */
  readonly interfaceOf: number[] = [];
  readonly #port: CaptureFilePort | DiscardPort;

  constructor(port: CaptureFilePort | DiscardPort) {
    this.#port = port;
    this.kind = port.kind;
    this.path = port.kind === 'capture' ? port.path : '';
    this.declaredLink = port.kind === 'capture' ? port.options.link : undefined;
    this.wantsSegments = port.kind === 'capture' && port.options.superPackets === 'segments';
  }

  /**
   * Makes the file: an interface for each port by which packets come in.
   *
   * @param bufferBytes what may wait for a slow disk
   * @param log told, once, why the capture stopped before it was closed
   * @throws {TypeError} for ports of both kinds in a file of pcap
   * @throws {TaplineError} `SYSCALL`
   */
  begin(ports: readonly CapturedPort[], bufferBytes: number, log: (message: string) => void): void {
    if (this.#port.kind === 'discard') return;
    const { path, options } = this.#port;
    const { snapLength, format } = options;
    ports.forEach(({ number }, i) => (this.interfaceOf[number] = i));
    const interfaces = ports.map(({ name, link }): WrittenInterface => ({
      name,
      linkType: link === 'ethernet' ? LINKTYPE_ETHERNET : LINKTYPE_RAW,
      ...(snapLength === undefined ? {} : { snapLength }),
    }));
    this.writer = createCapture(path, {
      interfaces,
      bufferBytes,
      ...(format === undefined ? {} : { format }),
      onStop(error) {
        log(`${error.message}: nothing more is captured there`);
      },
    });
  }

  /** Hands what was captured so far to the system. */
  async flush(): Promise<void> {
    await this.writer?.flush();
  }

  /** What was captured, and the interfaces' counters, are written; then the file is closed. Idempotent. */
  async close(): Promise<void> {
    await this.writer?.close();
  }

  /** Whether it goes to somebody who does not want it any more. */
  get isReaderGone(): boolean {
    return this.writer?.failure?.errno === errnos.EPIPE;
  }

  summary(): CaptureSummary | undefined {
    if (this.writer === undefined) return undefined;
    const { written, notCaptured, failure } = this.writer;
    return { written, notCaptured, stopped: failure === undefined ? null : codeOf(failure) };
  }
}

/** Node's name of what went wrong. */
function codeOf({ cause, code }: TaplineError): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : code;
}

/**
 * Refuses to empty a file that is to be read, or to write two captures into one.
 *
 * @throws {TypeError}
 */
export function checkPaths(read: readonly string[], written: readonly string[]): void {
  const taken = new Map(read.map((path) => [identity(path, 0), 'read']));
  for (const path of written) {
    const id = identity(path, 1);
    const how = taken.get(id);
    if (id !== '' && how !== undefined)
      throw new TypeError(`Cannot capture to ${path}: it is ${how} already, and would be emptied`);
    taken.set(id, 'written');
  }
}

/** What tells one file or pipe from another; empty for devices. A file that is not there has its path. */
function identity(path: string, standardStream: number): string {
  try {
    const stats = path === '-' ? fstatSync(standardStream) : statSync(path);
    return stats.isFile() || stats.isFIFO() ? `${stats.dev}:${stats.ino}` : '';
  } catch {
    return resolve(path);
  }
}
