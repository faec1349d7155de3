import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { queue, wasmFilter } from '../../src/index.ts';
import { udpFrame } from '../../src/testing/index.ts';
import { settled, started } from '../pipeline/support/lines.ts';
import { compile } from './support/compile.ts';

/** Allocates for each packet, keeps objects, and traps for packets to port 666: five lines down from `judge`. */
const SOURCE = `
export const tapline_block: i32 = 1024;
export const tapline_block_bytes: i32 = 60000;

class Seen { constructor(public port: u16, public before: Seen | null) {} }
let last: Seen | null = null;

export function tapline_judge(call: usize): void {
  const count = load<u32>(call);
  for (let position = load<u32>(call, 16); position < count; position++) {
    store<u32>(call, position, 20);
    const index = <usize>load<u16>(<usize>load<u32>(call, 4) + 2 * position);
    judge(<usize>load<u32>(call, 8) + 64 * index, call);
  }
}

function judge(descriptor: usize, call: usize): void {
  const port = load<u16>(descriptor, 48);
  last = new Seen(port, new Seen(port, null));
  if (port == 666) {
    fail(port);
  }
  const counter = <usize>load<u32>(call, 44);
  if (last!.before!.port == port) store<u64>(counter, load<u64>(counter) + 1);
}

function fail(port: u32): void {
  store<u32>(0x70000000 + port, 1);
}
`;

/** Static data begins behind the block. */
const PLACE = ['--memoryBase', '65536', '--initialMemory', '2', '--runtime', 'incremental'];
const MANIFEST = {
  counters: ['seen'],
  onError: 'drop',
  memoryPages: 16,
  breaker: { traps: 1_000_000, then: 'closed' },
};

describe('a module of AssemblyScript with the incremental runtime', () => {
  it('goes on behind 10,000 traps, and says in which line of the source they were', async () => {
    const { bytes, sourceMap } = await compile(SOURCE, MANIFEST, PLACE);
    const folder = mkdtempSync(join(tmpdir(), 'tapline-map-'));
    try {
      writeFileSync(join(folder, 'filter.wasm'), bytes);
      writeFileSync(join(folder, 'filter.wasm.map'), sourceMap);
      const [a, b] = [queue(), queue()];
      const run = await started({ ports: { a, b }, filters: [await wasmFilter(join(folder, 'filter.wasm'))] });
      const bad = udpFrame({ destinationPort: 666 });
      const fine = udpFrame({ destinationPort: 53 });
      for (let sent = 0; sent < 20_000; sent += 200) {
        for (let i = 0; i < 200; i++) await a.send(i % 2 === 0 ? bad : fine);
        await settled(run.line, sent + 200, b);
      }
      const summary = run.line.summary();
      expect(summary).toMatchObject({ forwarded: 10_000, dropped: 10_000, reasons: { filterError: 10_000 } });
      expect(summary.filters[0]).toMatchObject({ failed: 10_000, counters: { seen: 10_000 } });
      const line = SOURCE.split('\n').findIndex((text) => text.includes('store<u32>(0x70000000')) + 1;
      expect(run.log[0]).toMatch(
        new RegExp(`^filter wat failed: .*memory access out of bounds at filter\\.ts:${line}:`),
      );
      await run.stop();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
