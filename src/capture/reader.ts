import type { CaptureInterface } from './captureInterface.ts';
import { CaptureReader } from './captureReader.ts';
import { GunzipSource, isGzip } from './gunzipSource.ts';
import { MAGIC_BYTES, type PcapFormat, describeUnknown, recognise } from './magic.ts';
import { openSource, sourceName } from './openSource.ts';
import { FILE_HEADER_BYTES, readPcapHeader } from './pcapHeader.ts';
import { PcapRecords } from './pcapRecords.ts';
import { PcapngBlocks } from './pcapngBlocks.ts';
import type { ByteSource } from './source.ts';
import { Clock, MICROSECONDS, NANOSECONDS } from './timestamp.ts';
import { ENDED, WAITING, WINDOW_BYTES, Window } from './window.ts';

const LEAST_WINDOW_BYTES = 64;

/**
 * Opens a capture: pcap or pcapng, plain or compressed with gzip. Both are recognised by their first bytes.
 *
 * @param from path of a file or a named pipe, `-` for standard input, or a source of bytes of your own
 * @param options `windowBytes`: how much of the file is in memory at a time, 64 bytes or more; default 512 KiB. It grows
 *   for a packet that is longer, and for nothing else
 * @returns a reader that stands before the first packet; the first interface, if there is any, is known
 * @throws {TaplineError} `BAD_CAPTURE` when it does not begin as a capture does, `SYSCALL` when it cannot be opened or read
 */
export async function openCapture(
  from: string | ByteSource,
  { windowBytes = WINDOW_BYTES }: { readonly windowBytes?: number } = {},
): Promise<CaptureReader> {
  if (!(Number.isInteger(windowBytes) && windowBytes >= LEAST_WINDOW_BYTES)) {
    throw new RangeError(`Expected windowBytes to be an integer of ${LEAST_WINDOW_BYTES} or more, got ${windowBytes}`);
  }
  const [name, source] = typeof from === 'string' ? [sourceName(from), openSource(from)] : ['the capture', from];
  const opened = { source, windowBytes };
  try {
    return await begin(name, opened);
  } catch (error) {
    opened.source.close();
    throw error;
  }
}

/** Where the source that must be closed stands, whatever fails. */
interface Opened {
  source: ByteSource;
  readonly windowBytes: number;
}

async function begin(name: string, opened: Opened): Promise<CaptureReader> {
  const window = await uncompressed(name, opened);
  const format = recognise(window.view, window.position);
  if (format === undefined) throw window.damage(describeUnknown(window.view, window.position));
  return format.kind === 'pcapng' ? beginPcapng(window, opened.source) : beginPcap(window, opened.source, format);
}

/** The window onto what gzip has packed, or onto the file itself. */
async function uncompressed(name: string, opened: Opened): Promise<Window> {
  const window = new Window(name, opened.source, opened.windowBytes);
  await fill(window, opened.source, MAGIC_BYTES);
  if (!isGzip(window.bytes)) return window;
  opened.source = new GunzipSource(name, opened.source, window.takeRest());
  const unpacked = new Window(name, opened.source, opened.windowBytes);
  await fill(unpacked, opened.source, MAGIC_BYTES);
  return unpacked;
}

async function beginPcapng(window: Window, source: ByteSource): Promise<CaptureReader> {
  const interfaces: CaptureInterface[] = [];
  const reader = new CaptureReader(window, source, 'pcapng', new PcapngBlocks(window, interfaces), interfaces);
  await reader.findInterface();
  return reader;
}

async function beginPcap(window: Window, source: ByteSource, format: PcapFormat): Promise<CaptureReader> {
  await fill(window, source, FILE_HEADER_BYTES);
  const { isLittleEndian, isNanoseconds } = format;
  const header = readPcapHeader(window.view, window.position, isLittleEndian);
  if (typeof header === 'string') throw window.damage(header);
  window.position += FILE_HEADER_BYTES;
  const clock = new Clock(isNanoseconds ? NANOSECONDS : MICROSECONDS);
  const records = new PcapRecords(window, isLittleEndian, isNanoseconds, header.snapLength);
  const only = { name: '', ...header, clock, received: undefined, dropped: undefined };
  return new CaptureReader(window, source, 'pcap', records, [only]);
}

/** Waits for the first `count` bytes. */
async function fill(window: Window, source: ByteSource, count: number): Promise<void> {
  for (;;) {
    const result = window.fill(count);
    if (result === ENDED) throw window.damage(window.available === 0 ? 'it is empty' : 'it ends within its header');
    if (result !== WAITING) return;
    await new Promise<void>((resolve) => {
      source.awaitData(resolve);
    });
  }
}
