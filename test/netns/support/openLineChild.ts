import { fileURLToPath } from 'node:url';
import type { OffloadChoice } from '../../../src/device/offloads.ts';
import type { EngineChoice, Summary } from '../../../src/index.ts';
import type { Accountant } from './accounts.ts';
import { type DevicesOptions, type Hosts, LEFT, RIGHT, devicePlan, makeHosts } from './bridge.ts';
import { type Child, type Output, start } from './process.ts';

const SCRIPT = fileURLToPath(new URL('lineChild.js', import.meta.url));

export interface LineChildOptions extends DevicesOptions {
  /** Of the left device. Default: `offloads`, as the right one. */
  readonly leftOffloads?: OffloadChoice;
  /** Default `auto`. */
  readonly engine?: EngineChoice;
  /** Names of filters in `lineChild.js`. Default none. */
  readonly filters?: readonly string[];
  /** Lanes. Default: none. */
  readonly queues?: number;
  /** Starts a child of its own that outlives it. Default false. */
  readonly bystander?: boolean;
  /** Command line before `node`, such as a tracer. Default none. */
  readonly wrapper?: readonly string[];
}

/** As a `Bridge`, with the line in a process of its own. */
export interface LineChild extends Hosts, Accountant {
  readonly child: Child;
  summary(): Promise<Summary>;
  /** Ends the line and returns its summary. */
  stop(): Promise<Summary>;
}

/** Opens a bridge whose line runs in a child process, from the built library. */
export async function openLineChild(options: LineChildOptions = {}): Promise<LineChild> {
  const { kind = 'tap', engine = 'auto', filters = [], bystander = false, wrapper = [] } = options;
  const hosts = await makeHosts(options);
  const { left, right } = hosts;
  const { offloads = 'all', leftOffloads = offloads } = options;
  const leftOptions = { ...options, offloads: leftOffloads };
  const plans = { left: devicePlan(leftOptions, left, LEFT), right: devicePlan(options, right, RIGHT) };
  const plan = JSON.stringify({ kind, engine, filters, bystander, queues: options.queues, ...plans });
  const [command, ...args] = [...wrapper, process.execPath, SCRIPT, plan];
  const child = start(command, args);
  const close = async (): Promise<void> => {
    await Promise.all([child, hosts].map((each) => each[Symbol.asyncDispose]()));
  };
  try {
    await child.waitFor(/^ready$/m);
  } catch (error) {
    await close();
    throw error;
  }
  let asked = 0;
  return {
    left,
    right,
    child,
    async summary() {
      const id = ++asked;
      child.process.stdin?.write(`${id}\n`);
      const [, json = ''] = await child.waitFor(new RegExp(`^summary ${id} (.*)$`, 'm'));
      return JSON.parse(json) as Summary;
    },
    async stop() {
      child.process.stdin?.end();
      return endedSummary(await child.ended);
    },
    [Symbol.asyncDispose]: close,
  };
}

function endedSummary({ stdout, stderr }: Output): Summary {
  const match = /^ended (.*)$/m.exec(stdout);
  if (match?.[1] === undefined) throw new Error(`The line did not end well:\n${stdout}${stderr}`);
  return JSON.parse(match[1]) as Summary;
}
