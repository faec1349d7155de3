import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from './namespace.ts';
import { pause } from './process.ts';

/** The longest frame there is; tcpdump divides its buffer into pieces of this size. */
const FRAME_BYTES = '65700';
const BUFFER_KIB = '65536';

/** A running tcpdump. */
export interface Capture extends AsyncDisposable {
  /** Ends it and returns the frames, in order. */
  stop(): Promise<readonly Uint8Array[]>;
}

/** Captures whole frames on a device. `direction` is as the host sees it: what it sends goes `out`. */
export async function capture(
  host: Namespace,
  device: string,
  { direction = 'inout', filter = '' }: { readonly direction?: 'in' | 'out' | 'inout'; readonly filter?: string } = {},
): Promise<Capture> {
  const folder = await mkdtemp(join(tmpdir(), 'tapline-capture-'));
  const file = join(folder, 'frames.pcap');
  const sizes = ['-s', FRAME_BYTES, '-B', BUFFER_KIB, '--immediate-mode', '-U'];
  const options = ['-n', '-i', device, '-Q', direction, ...sizes, '-Z', 'root', '-w', file];
  const tcpdump = host.spawn(
    'tcpdump',
    [...options, filter].filter((word) => word !== ''),
  );
  const close = async (): Promise<void> => {
    await tcpdump[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await tcpdump.waitFor(/listening on/);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async stop() {
      await atRest(file);
      const { stderr } = await tcpdump.end('SIGINT');
      if (!/^0 packets dropped by kernel/m.test(stderr)) throw new Error(`The capture has gaps:\n${stderr}`);
      return framesOfPcap(await readFile(file));
    },
    [Symbol.asyncDispose]: close,
  };
}

/** A signal makes tcpdump forget what it has not written yet, so the file must have stopped growing before. */
async function atRest(file: string): Promise<void> {
  for (let last = -1, size = 0; size !== last; size = (await stat(file)).size) {
    last = size;
    await pause(150);
  }
}

/** Classic pcap, little-endian, as tcpdump writes it: a header of 24 bytes, then records with a header of 16. */
function framesOfPcap(file: Buffer): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 24; at + 16 <= file.length;) {
    const bytes = file.readUInt32LE(at + 8);
    frames.push(file.subarray(at + 16, at + 16 + bytes));
    at += 16 + bytes;
  }
  return frames;
}
