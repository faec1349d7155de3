import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { WEB_PORT } from './filters.ts';
import { plan, RIGHT_ADDRESS, type WebTransfers } from './traffic.ts';

/** Response header with the hash of the body. */
export const HASH_HEADER = 'x-sha256';

/** Fetches the page again and again, and compares its hash with the one that the server gives. */
export async function fetchPages(): Promise<WebTransfers> {
  let receivedBytes = 0;
  let milliseconds = 0;
  let isIntact = true;
  for (let i = 0; i < plan.transfers; i++) {
    const start = performance.now();
    const page = await fetchPage();
    milliseconds += performance.now() - start;
    receivedBytes += page.bytes;
    isIntact &&= page.isIntact;
    await sleep(plan.transferPauseMs);
  }
  return {
    transfers: plan.transfers,
    requestedBytes: plan.transfers * plan.transferBytes,
    receivedBytes,
    isIntact,
    seconds: milliseconds / 1000,
  };
}

interface Page {
  readonly bytes: number;
  readonly isIntact: boolean;
}

function fetchPage(): Promise<Page> {
  return new Promise((resolve, reject) => {
    const request = get({ host: RIGHT_ADDRESS, port: WEB_PORT, agent: false, timeout: 5_000 }, (response) => {
      const hash = createHash('sha256');
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
      });
      response.on('end', () => {
        resolve({ bytes, isIntact: hash.digest('hex') === response.headers[HASH_HEADER] });
      });
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('the web server does not answer')));
    request.on('error', reject);
  });
}
