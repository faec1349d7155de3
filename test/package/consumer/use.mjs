import assert from 'node:assert/strict';
import { openPipeline, queue } from 'tapline';

const [a, b] = [queue(), queue()];
const line = await openPipeline({ ports: { a, b } });
const running = line.run();
await a.send(new Uint8Array(60));
for await (const batch of b) {
  assert.equal(batch.frame(0).length, 60);
  break;
}
await line.close();
assert.equal((await running).forwarded, 1);
