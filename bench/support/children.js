import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { availableParallelism } from 'node:os';

/** With two cores or more, what is measured has the first one for itself, and hosts and senders have the second. */
const isPinned = availableParallelism() >= 2;

/** Puts a command on the core of what is measured. */
export function onFirstCore(command) {
  return isPinned ? ['taskset', '-c', '0', ...command] : command;
}

/** Puts a command on the core of everything else. */
export function onSecondCore(command) {
  return isPinned ? ['taskset', '-c', '1', ...command] : command;
}

/** Puts a command into the network namespace of a process. */
export function inside(pid, command) {
  return ['nsenter', `--net=/proc/${pid}/ns/net`, ...command];
}

/** Starts a command that answers in lines. Standard error is ours. */
export function startLines([command, ...args]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    pid: child.pid,
    /** The next line; rejects when the command has ended, or takes more than a minute. */
    async line() {
      const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
      const { value, done } = await lines.next();
      clearTimeout(timer);
      if (done) throw new Error(`${command} ${args.join(' ')} ended`);
      return value;
    },
    say(text) {
      child.stdin.write(`${text}\n`);
    },
    /** Closes its input and waits for its end. */
    async end() {
      child.stdin.end();
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a command to its end and returns its output. */
export async function output([command, ...args]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${text}`);
  return text;
}
