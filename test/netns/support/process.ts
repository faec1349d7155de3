import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** How long a command may take unless a test says otherwise. */
const DEFAULT_TIMEOUT_MS = 20_000;

export interface RunOptions {
  /** The command is killed, and `run` rejects, after so many milliseconds. Default 20,000. */
  readonly timeoutMs?: number;
  /** Bytes for its standard input, which is then closed. Default: none. */
  readonly input?: string | Uint8Array;
  /** Resolves whatever the exit code is. Default false: a code other than 0 rejects. */
  readonly allowFailure?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a command left behind. */
export interface Output {
  /** Exit code; −1 when a signal ended it. */
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function run(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Output> {
  await using child = start(command, args, options);
  if (options.input !== undefined) child.process.stdin?.end(options.input);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const output = await within(timeoutMs, child.ended, () => `${child.title} did not end in ${timeoutMs} ms`);
  if (output.code === 0 || options.allowFailure === true) return output;
  throw new Error(`${child.title} ended with ${output.signal ?? output.code}:\n${output.stdout}${output.stderr}`);
}

/** A running command whose output is kept. Disposing of it kills it and waits for its end. */
export interface Child extends AsyncDisposable {
  readonly title: string;
  readonly process: ChildProcess;
  readonly pid: number;
  /** Output up to now. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with its end; never rejects. */
  readonly ended: Promise<Output>;
  /** Resolves with the match once standard output or error matches; rejects when the command ends before, or time is up. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Sends a signal and waits for the end. */
  end(signal?: NodeJS.Signals, timeoutMs?: number): Promise<Output>;
}

/** Starts a command with all three standard streams piped. */
export function start(command: string, args: readonly string[] = [], options: Pick<RunOptions, 'env'> = {}): Child {
  const env = { ...process.env, ...options.env };
  const spawnOptions: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe'], env };
  const child = spawn(command, args, spawnOptions);
  const text = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      for (const listener of [...listeners]) listener();
    });
  }
  // A command that ends without reading its input is not an error here.
  child.stdin?.on('error', () => undefined);
  let isOver = false;
  const ended = new Promise<Output>((resolve) => {
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      isOver = true;
      resolve({ code: code ?? -1, signal, ...text });
      for (const listener of [...listeners]) listener();
    };
    child.once('error', (error) => {
      text.stderr += error.message;
      finish(-1, null);
    });
    child.once('close', finish);
  });
  const title = [command, ...args].join(' ');

  const waitFor = async (pattern: RegExp, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<RegExpExecArray> => {
    const look = (): RegExpExecArray | null => pattern.exec(text.stdout) ?? pattern.exec(text.stderr);
    const describeMiss = (why: string): string =>
      `${title} ${why} without ${String(pattern)}:\n${text.stdout}${text.stderr}`;
    let listener = (): void => undefined;
    const found = new Promise<RegExpExecArray>((resolve, reject) => {
      listener = () => {
        const match = look();
        if (match !== null) resolve(match);
        else if (isOver) reject(new Error(describeMiss('ended')));
      };
      listeners.add(listener);
      listener();
    });
    try {
      return await within(timeoutMs, found, () => describeMiss(`ran ${timeoutMs} ms`));
    } finally {
      listeners.delete(listener);
    }
  };
  const end = async (signal: NodeJS.Signals = 'SIGTERM', timeoutMs = DEFAULT_TIMEOUT_MS): Promise<Output> => {
    child.kill(signal);
    return await within(timeoutMs, ended, () => `${title} outlived ${signal} by ${timeoutMs} ms`);
  };
  return {
    title,
    process: child,
    pid: child.pid ?? -1,
    get stdout() {
      return text.stdout;
    },
    get stderr() {
      return text.stderr;
    },
    ended,
    waitFor,
    end,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** `promise`, or a rejection after so many milliseconds. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, message: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(message()));
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until `isDone` is true, looking every few milliseconds; rejects after `timeoutMs`. */
export async function until(isDone: () => boolean | Promise<boolean>, what: string, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await pause(5);
  }
}

/** Waits so many milliseconds. */
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
