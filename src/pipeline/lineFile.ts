import type { CaptureReader } from '../capture/captureReader.ts';
import { linkOf } from '../capture/linkType.ts';
import { openCapture } from '../capture/reader.ts';
import type { CaptureEngine } from '../engine/capture.ts';
import { TaplineError } from '../errors.ts';
import type { FilePort } from './file.ts';
import type { SkippedPackets } from './summary.ts';

/** A capture file as its line sees it: the target of a port from which packets come. */
export class LineFile {
  readonly kind = 'file';
  readonly path: string;
  readonly link: 'ethernet' | 'ip';
  readonly speed: number;
  /** Longer packets of TCP are super-packets; undefined: none is. */
  readonly mtu: number | undefined;
  readonly reader: CaptureReader;
  #engine: CaptureEngine | undefined;
  #number = 0;

  constructor(port: FilePort, link: 'ethernet' | 'ip', reader: CaptureReader) {
    this.path = port.path;
    this.link = link;
    this.speed = port.options.speed ?? Infinity;
    this.mtu = port.options.mtu;
    this.reader = reader;
  }

  /** Called by the line that opens it. */
  attach(engine: CaptureEngine, number: number): void {
    this.#engine = engine;
    this.#number = number;
  }

  /** How much of it was read, 0 to 1; undefined for a pipe. */
  progress(): number | undefined {
    return this.reader.progress();
  }

  /** Why it ended before its end. */
  get failure(): TaplineError | undefined {
    return this.reader.failure;
  }

  skipped(): SkippedPackets {
    return { linkType: 0, otherLink: 0, notIp: 0, ...this.#engine?.skipped(this.#number) };
  }

  close(): void {
    this.reader.close();
  }
}

/**
 * Opens a file and finds out what it carries.
 *
 * @throws {TaplineError} as `openCapture` does
 */
export async function openFile(port: FilePort): Promise<LineFile> {
  const reader = await openCapture(port.path);
  try {
    return new LineFile(port, port.options.link ?? linkOfFile(reader), reader);
  } catch (error) {
    reader.close();
    throw error;
  }
}

/** That of the first interface. A file without any has no packets either. */
function linkOfFile({ interfaces, name }: CaptureReader): 'ethernet' | 'ip' {
  const [first] = interfaces;
  if (first === undefined) return 'ethernet';
  const link = linkOf(first.linkType);
  if (link !== null) return link;
  const message = `Cannot read ${name} into a line: its packets are of link type ${first.linkType}, and a line carries Ethernet and IP`;
  throw new TaplineError('BAD_CAPTURE', message, { path: name });
}
