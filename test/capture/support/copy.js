// Copies a capture, packet by packet: node copy.js FROM TO [FORMAT]. Prints what it did, and what failed, on stderr.

import { openCapture } from '../../../dist/src/capture/reader.js';
import { createCapture } from '../../../dist/src/capture/writer.js';

const [from, to, format = 'pcapng'] = process.argv.slice(2);
// What `ulimit -f` sends would end the process; without it the write fails.
process.on('SIGXFSZ', () => undefined);
try {
  const reader = await openCapture(from);
  const interfaces = reader.interfaces.map(({ name, linkType }) => ({ name, linkType }));
  const stopped = [];
  const writer = createCapture(to, { interfaces, format, onStop: (error) => stopped.push(error.message) });
  while (await reader.advance()) {
    const { seconds, nanoseconds, wireLength } = reader;
    const info = { seconds, nanoseconds, wireLength };
    while (!writer.writeFrom(reader, reader.dataOffset, reader.length, info, true) && !writer.isStopped) {
      await new Promise((resolve) => writer.awaitRoom(resolve));
    }
  }
  reader.close();
  await writer.close();
  const { written, notCaptured } = writer;
  process.stderr.write(`${JSON.stringify({ read: reader.packets, written, notCaptured, stopped })}\n`);
} catch (error) {
  process.stderr.write(`${JSON.stringify({ code: error.code, message: error.message })}\n`);
  process.exitCode = 1;
}
