import type { Arena } from '../core/arena.ts';
import type { Batch } from '../core/batch.ts';
import type { Chain } from './chain.ts';
import type { CaptureFilePort } from './file.ts';
import { LineCapture, checkPaths } from './lineCapture.ts';
import { LineFile } from './lineFile.ts';
import type { OpenPort } from './ports.ts';
import { Recorder } from './recorder.ts';

/** What may wait for the disk at the line's own pace, and where a batch of super-packets must fit at once. */
const BUFFER_BYTES = 4 * 2 ** 20;
const PATIENT_RECORD_BYTES = 24 * 2 ** 20;

/**
 * Makes the files of a line's captures, last of all that can fail for other reasons: that empties what was there before.
 *
 * @param declared the record, if there is to be one
 * @param isPatient whether the line waits for a slow disk
 * @returns the record
 * @throws {TypeError} for a path that is read, or written twice
 */
export function beginCaptures(
  ports: readonly OpenPort[],
  declared: CaptureFilePort | undefined,
  isPatient: boolean,
  log: (message: string) => void,
): LineCapture | undefined {
  const record = declared && new LineCapture(declared);
  checkPaths(
    ports.flatMap(({ target }) => (target instanceof LineFile ? [target.path] : [])),
    [...capturesOf(ports), ...(record === undefined ? [] : [record])]
      .map(({ path }) => path)
      .filter((path) => path !== ''),
  );
  const giving = ports.filter(({ gives }) => gives);
  for (const port of ports) {
    if (!(port.target instanceof LineCapture)) continue;
    const sources = giving.filter(({ link }) => link === port.link);
    port.target.begin(sources.length > 0 ? sources : [port], BUFFER_BYTES, log);
  }
  record?.begin(giving, isPatient ? PATIENT_RECORD_BYTES : BUFFER_BYTES, log);
  return record;
}

/** What writes the record of a line. */
export function recorderOf(
  { writer, interfaceOf, wantsSegments: isCut }: LineCapture,
  ports: readonly OpenPort[],
  { arena, batch, chain }: { readonly arena: Arena; readonly batch: Batch; readonly chain: Chain },
  isPatient: boolean,
): Recorder | undefined {
  if (writer === undefined) return undefined;
  const host = {
    arena,
    batch,
    headerBytes: ports.map(({ headerBytes }) => headerBytes),
    portName: (number: number) => ports[number]?.name ?? '',
    reasonName: (place: number) => chain.reasonName(place),
  };
  return new Recorder(writer, host, { interfaceOf, isPatient, isCut });
}

/** The captures behind ports. */
export function capturesOf(ports: readonly Pick<OpenPort, 'target'>[]): LineCapture[] {
  return ports.map(({ target }) => target).filter((target) => target instanceof LineCapture);
}

/** Closes the captures of a line that could not be opened after all: what failed then is what is to be told. */
export async function abandonCaptures(ports: readonly OpenPort[]): Promise<void> {
  await Promise.allSettled(capturesOf(ports).map((capture) => capture.close()));
}
