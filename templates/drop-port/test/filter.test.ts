import { checkFilter, openTrial, readFrames, tcpFrame, tryFilter, udpFrame } from 'tapline/testing';
import { expect, test } from 'vitest';
import filter from '../index.js';

test('drops what goes to the port, and nothing else', async () => {
  const [telnet, web, dns] = await tryFilter(filter, [
    tcpFrame({ destinationPort: 23 }),
    tcpFrame({ destinationPort: 80 }),
    udpFrame({ destinationPort: 53 }),
  ]);
  expect(telnet).toEqual({ verdict: 'drop', reason: 'blocked' });
  expect([web?.verdict, dns?.verdict]).toEqual(['continue', 'continue']);
});

test('the port can be set, and changed while it runs', async () => {
  await using trial = await openTrial(filter({ port: 53 }));
  expect(await trial.send(udpFrame({ destinationPort: 53 }))).toMatchObject({ verdict: 'drop' });
  trial.configure({ port: 80 });
  expect(await trial.send(udpFrame({ destinationPort: 53 }))).toMatchObject({ verdict: 'continue' });
  expect(trial.summary().counters).toEqual({ seen: 2 });
});

test('finds the telnet session in a capture', async () => {
  const tried = await tryFilter(filter, await readFrames('test/fixtures/traffic.pcap'));
  expect(tried.filter(({ verdict }) => verdict === 'drop')).toHaveLength(3);
});

test('never traps, decides the same twice, and leaves packets alone', async () => {
  await checkFilter(filter);
});
