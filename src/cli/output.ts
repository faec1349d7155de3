/** Where nothing was printed, a full disk has cost nobody anything. */
let hasPrinted = false;

/** Writes data: what a program behind a pipe wants to read. */
export function print(text: string): void {
  hasPrinted = true;
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Writes words for the person at the terminal. */
export function say(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

let hasFailed = false;

/**
 * Keeps a reader that went away (`| head -1`, a closed terminal) from ending the process: what it does with devices
 * matters more than what it says. Data that cannot be stored (a full disk) is a failure in the end.
 */
export function guardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!isReaderGone(error) && !hasFailed) {
      hasFailed = true;
      say(`tapline: Cannot write to stdout: ${error.message}`);
    }
  });
  process.stderr.on('error', () => {
    // Nobody is left to be told.
  });
}

/** Whether data was lost although somebody wanted it. */
export function outputFailure(): boolean {
  return hasFailed;
}

/** Waits until everything said and printed so far has left the process, or cannot. */
export async function drained(): Promise<void> {
  await Promise.all([...(hasPrinted ? [process.stdout] : []), process.stderr].map(drain));
}

function drain(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || !stream.writable) return Promise.resolve();
  return new Promise((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });
}

/** EIO is what a terminal says after it was closed. */
function isReaderGone(error: NodeJS.ErrnoException): boolean {
  return ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'].includes(error.code ?? '');
}
