import { ping } from './ping.ts';
import { answerTraffic } from './server.ts';
import type { Answer, LeftReport, Request } from './traffic.ts';
import { echo, knock, telnet, unwanted } from './client.ts';
import { fetchPages } from './web.ts';

/**
 * One machine of the demo: a process in a network namespace of its own, which lives exactly as long as this process, and
 * this process as long as the channel to the demo. It is a program, started as `node agent.js left|right`.
 *
 * @module
 */

process.on('disconnect', () => {
  process.exit(0);
});
// The channel may have been cut while this module was loaded.
if (!process.connected) process.exit(0);

if (process.argv[2] === 'left') {
  onRequest(async () => ({ kind: 'left', report: await makeTraffic() }));
} else {
  const server = await answerTraffic();
  onRequest(() => Promise.resolve({ kind: 'right', report: server.report() }));
}
answer({ kind: 'ready' });

async function makeTraffic(): Promise<LeftReport> {
  await knock();
  const [pings, web, echoes, unwantedSent, telnetAnswered] = await Promise.all([
    ping(),
    fetchPages(),
    echo(),
    unwanted(),
    telnet(),
  ]);
  return { ping: pings, web, echo: echoes, unwantedSent, telnetAnswered };
}

function onRequest(work: (request: Request) => Promise<Answer>): void {
  process.on('message', (request: Request) => {
    work(request)
      .catch((error: unknown): Answer => ({ kind: 'failed', why: String(error) }))
      .then(answer, () => undefined);
  });
}

function answer(message: Answer): void {
  if (process.connected) process.send?.(message);
}
