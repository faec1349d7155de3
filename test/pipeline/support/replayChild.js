// A line from standard input to /dev/null, with a filter and a record of everything. Prints what it did, and the most memory
// that the process had.

import { capture, file, openPipeline } from '../../../dist/src/index.js';

const line = await openPipeline({
  ports: { in: file('-'), out: capture('/dev/null') },
  filters: [{ name: 'look', filter: (packet) => (packet.destinationPort === 23 ? packet.drop() : undefined) }],
  record: capture('/dev/zero'),
});
const { read, record } = await line.run();
console.log(JSON.stringify({ read, captured: record.written, rssBytes: process.resourceUsage().maxRSS * 1024 }));
