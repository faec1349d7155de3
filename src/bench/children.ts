import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Longest time that a child may take for one line, in milliseconds. */
const LINE_MS = 60_000;

/** A program that answers in lines. */
export interface Child {
  readonly pid: number;
  /** The next line. @throws {Error} when the program has ended, takes too long, or the run is to end */
  line(): Promise<string>;
  say(text: string): void;
  write(bytes: Uint8Array): void;
  /** Closes its input and waits for its end; one that does not end in a second is killed. */
  end(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a program. It hears no Ctrl-C of the terminal: who started it ends it. */
export function startChild(
  [command = '', ...args]: readonly string[],
  { signal }: { readonly signal: AbortSignal },
): Child {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const title = `${command} ${args.join(' ')}`.trim();
  const errors = tailOf(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
    child.once('error', (error) => {
      errors.text += error.message;
      resolve();
    });
  });
  // A program that has ended reads nothing more; `line` says so.
  child.stdin.on('error', () => undefined);
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  void ended.then(() => {
    signal.removeEventListener('abort', kill);
  });
  return {
    pid: child.pid ?? -1,
    async line() {
      const patience = { isOver: false };
      const timer = setTimeout(() => {
        patience.isOver = true;
        kill();
      }, LINE_MS);
      const next = (await lines.next()) as IteratorResult<string, undefined>;
      clearTimeout(timer);
      signal.throwIfAborted();
      if (next.done !== true) return next.value;
      await ended;
      throw new Error(
        `${title} ${patience.isOver ? 'did not answer' : 'ended'}: ${errors.text.trim() || 'it said nothing'}`,
      );
    },
    say(text) {
      child.stdin.write(`${text}\n`);
    },
    write(bytes) {
      child.stdin.write(bytes);
    },
    async end() {
      child.stdin.end();
      const timer = setTimeout(kill, 1_000);
      await ended;
      clearTimeout(timer);
    },
    async kill() {
      kill();
      await ended;
    },
  };
}

/** Runs a program to its end and returns its output. @throws {Error} when it fails */
export async function runChild([command = '', ...args]: readonly string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const errors = tailOf(child);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    if (code === 0) return text;
  } finally {
    signal.removeEventListener('abort', kill);
  }
  throw new Error(`${command} ${args.join(' ')} failed: ${errors.text.trim() || text.trim()}`);
}

/** The end of what a program says on its standard error. */
function tailOf(child: ChildProcess): { text: string } {
  const tail = { text: '' };
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    tail.text = (tail.text + chunk).slice(-2_000);
  });
  return tail;
}
