import { describe, expect, it } from 'vitest';
import { wasmFilter } from '../../src/index.ts';
import { openTrial, tcpFrame, tryFilter, udpFrame } from '../../src/testing/index.ts';
import { count, destinationPort, drop, filterOf } from './support/wat.ts';

const dropPort = filterOf(
  `${count(0)}
   (br_if $judged (i32.ne ${destinationPort} (i32.load16_u (i32.load offset=40 (local.get $call)))))
   ${count(1)}
   ${drop(1)}`,
  {
    name: 'drop-port',
    config: { port: { type: 'u16', default: 53 } },
    counters: ['seen', 'dropped'],
    reasons: ['blocked'],
  },
);

describe.each([
  ['in a sandbox', { trusted: false }],
  ['in place', { trusted: true }],
])('a compiled filter %s', (_, options) => {
  it('judges by its configuration, counts, and names its reason', async () => {
    const filter = await wasmFilter(dropPort, options);
    const trial = await openTrial(filter);
    const dns = udpFrame({ destinationPort: 53 });
    const telnet = tcpFrame({ destinationPort: 23 });
    expect(await trial.send(dns)).toEqual({ verdict: 'drop', reason: 'blocked' });
    expect(await trial.send(telnet)).toMatchObject({ verdict: 'continue', port: 'out', bytes: telnet });
    trial.configure({ port: 23 });
    expect(await trial.send(dns)).toMatchObject({ verdict: 'continue' });
    expect(await trial.send(telnet)).toEqual({ verdict: 'drop', reason: 'blocked' });
    expect(trial.summary()).toMatchObject({
      name: 'drop-port',
      packets: 4,
      dropped: 2,
      counters: { seen: 4, dropped: 2 },
    });
    await trial.close();
  });

  it('changes bytes, where its manifest says so', async () => {
    const body = `
      (i32.store8 (local.get $frame) (i32.const 0x66))
      (i32.store8 offset=1 (local.get $outcome) (i32.const 1))`;
    const frame = udpFrame();
    const [changed] = await tryFilter(await wasmFilter(filterOf(body, { writes: true }), options), [frame]);
    expect(changed?.bytes).toEqual(Uint8Array.from([0x66, ...frame.subarray(1)]));
  });
});
