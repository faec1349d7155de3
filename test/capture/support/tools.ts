import { execFileSync, spawnSync } from 'node:child_process';

/**
 * Whether a tool that judges is missing, which is said once. With REQUIRE_NETNS=1, as in CI, nothing may be missing.
 */
export function isMissing(...tools: readonly string[]): boolean {
  const missing = tools.filter((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined);
  if (missing.length === 0 || process.env['REQUIRE_NETNS'] === '1') return false;
  console.log(`skipped: no ${missing.join(', no ')} here`);
  return true;
}

/** What a tool prints; it must not complain of anything. */
export function run(tool: string, args: readonly string[], input?: Uint8Array): string {
  const { status, stdout, stderr } = spawnSync(tool, args, { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const complaints = stderr.split('\n').filter((line) => line !== '' && !harmless.test(line));
  if (status !== 0 || complaints.length > 0) {
    throw new Error(`${tool} ${args.join(' ')} ended with ${status}: ${complaints.join('\n')}`);
  }
  return stdout;
}

const harmless = /^Running as user|^reading from (?:file|PCAP)|^tcpdump: listening|^Capturing on/;

/** A packet as tshark sees it. */
export interface JudgedPacket {
  readonly length: number;
  readonly wireLength: number;
  /** Seconds since 1970 with nine digits behind the point; empty where there is no time. */
  readonly time: string;
}

/** Lengths and times of all packets. */
export function tsharkPackets(path: string): JudgedPacket[] {
  const fields = ['frame.cap_len', 'frame.len', 'frame.time_epoch'].flatMap((field) => ['-e', field]);
  return lines(run('tshark', ['-n', '-r', path, '-T', 'fields', ...fields])).map((line) => {
    const [length = '', wireLength = '', time = ''] = line.split('\t');
    return { length: Number(length), wireLength: Number(wireLength), time };
  });
}

/** Number of packets in each file, as capinfos counts them. */
export function capinfosCounts(paths: readonly string[]): number[] {
  const table = execFileSync('capinfos', ['-T', '-M', '-c', '-r', ...paths], { encoding: 'utf8', stdio: 'pipe' });
  return lines(table).map((line) => Number(line.split('\t').at(-1)));
}

/** A time as tshark prints it. */
export function tsharkTime(timeNs: bigint): string {
  return `${timeNs / 1_000_000_000n}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}`;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
