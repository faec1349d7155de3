import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filler, interfaceBlock, join, packetBlock, section } from './support/build.ts';
import { copyArguments, isBuildMissing, parseReport } from './support/copyChild.ts';
import { inFolder } from './support/folder.ts';
import { oracle } from './support/oracle.ts';

const PACKETS = 5000;
const input = join(
  section(),
  interfaceBlock(),
  ...Array.from({ length: PACKETS }, (_, i) => packetBlock(filler(1000, i))),
);

/** A shell in a user and mount namespace of its own, where a small file system can be mounted. */
const UNSHARE = ['unshare', '--user', '--map-root-user', '--mount'];
const cannotMount = spawnSync('unshare', [...UNSHARE.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt']).status !== 0;
if (cannotMount) console.log('skipped: no mount namespaces here');

describe.skipIf(isBuildMissing)('a capture on a disk that is full', () => {
  it.skipIf(cannotMount)('stops, is whole as far as it goes, and holds up nobody', async () => {
    await inFolder((folder) => {
      const from = joinPath(folder, 'in.pcapng');
      const kept = joinPath(folder, 'kept');
      writeFileSync(from, input);
      for (const format of ['pcapng', 'pcap']) {
        const script = 'mount -t tmpfs -o size=1m none /mnt && shift && "$@"; code=$?; cp /mnt/out "$KEPT"; exit $code';
        const copy = [process.execPath, ...copyArguments(from, '/mnt/out', format)];
        const { status, stderr } = spawnSync(
          UNSHARE[0] ?? '',
          [...UNSHARE.slice(1), 'sh', '-c', script, 'sh', 'sh', ...copy],
          {
            encoding: 'utf8',
            env: { ...process.env, KEPT: kept },
          },
        );
        expect(status, stderr).toBe(0);
        const report = parseReport(stderr);
        expect(report.stopped).toEqual(['Cannot write /mnt/out: write failed with ENOSPC: the disk is full']);
        checkKept(kept, report);
      }
    });
  });

  it('stops at the limit of the shell', async () => {
    await inFolder((folder) => {
      const [from, to] = [joinPath(folder, 'in.pcapng'), joinPath(folder, 'out.pcapng')];
      writeFileSync(from, input);
      const script = 'ulimit -f 2048; exec "$@"';
      const copy = [process.execPath, ...copyArguments(from, to)];
      const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', ...copy], { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      const report = parseReport(stderr);
      expect(report.stopped).toEqual([
        `Cannot write ${to}: write failed with EFBIG: the file may not grow further (ulimit -f)`,
      ]);
      checkKept(to, report);
    });
  });
});

/** The packets that are said to be written are in the file, and nothing else. */
function checkKept(path: string, report: ReturnType<typeof parseReport>): void {
  const { packets, failedAt } = oracle(readFileSync(path));
  expect(failedAt).toBeUndefined();
  expect(packets.length).toBeGreaterThan(900);
  expect(packets.every(({ data }, i) => Buffer.compare(data, filler(1000, i)) === 0)).toBe(true);
  expect(report).toMatchObject({ read: PACKETS, written: packets.length, notCaptured: PACKETS - packets.length });
}
