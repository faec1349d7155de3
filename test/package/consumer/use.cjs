const assert = require('node:assert/strict');
const { openPipeline, queue, TaplineError } = require('tapline');

(async () => {
  const line = await openPipeline({ ports: { a: queue() } });
  await line.close();
  await assert.rejects(() => line.run(), TaplineError);
})();
