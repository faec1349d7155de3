import { setTimeout as pause } from 'node:timers/promises';
import { defineFilter, openPipeline, tap } from 'tapline';
import { QUEUE_PACKETS, devices, makeHosts } from '../../bench/support/hosts.js';
import { growth, sample } from './samples.js';
import { disagreements } from './accounts.js';
import { startTraffic } from './traffic.js';

/** Filters change so often. */
const SWAP_MS = 100;
/** Figures of a run, at most; between two of them there is half a second at least. */
const SAMPLES = 120;
const PAGE_BYTES = 4096;

/**
 * Runs a bridge with filters that come and go, under UDP and TCP both ways, for so many seconds.
 *
 * @returns what was measured, and everything that is wrong with it
 */
export async function soak(seconds, log) {
  const hosts = await makeHosts({ seconds: seconds + 120 });
  try {
    const messages = [];
    const line = await openLine(hosts, (text) => messages.push(text));
    const ended = line.run();
    const swapping = swapFilters(line);
    const traffic = await startTraffic(hosts, seconds);
    const samples = await watch(line, seconds, log);
    await traffic.ended;
    const wrong = await disagreements(line, hosts);
    const summary = line.summary();
    const swaps = swapping.end();
    await line.close();
    await ended;
    const grown = growth(samples);
    const { read, forwarded, dropped, lost, kernelDropped } = summary;
    if (read < 100 * seconds) wrong.push(`only ${read} packets came in`);
    return {
      figures: { read, forwarded, dropped, lost, kernelDropped, swaps, ...grown.figures, messages },
      complaints: [...wrong, ...grown.complaints],
    };
  } finally {
    await hosts.close();
  }
}

async function openLine(hosts, log) {
  const port = (name) =>
    tap(name, {
      netns: hosts[name],
      mac: devices[name].mac,
      addresses: [devices[name].address],
      txQueueLength: QUEUE_PACKETS,
    });
  return await openPipeline({
    ports: { left: port('left'), right: port('right') },
    filters: [touching, passing('swapped')({ mark: 1 }), passing('last')()],
    log,
  });
}

/** Replaces the middle filter ten times a second. */
function swapFilters(line) {
  let swaps = 0;
  const timer = setInterval(() => {
    line.filters.replace('swapped', passing('swapped')({ mark: ++swaps % 1000 }));
  }, SWAP_MS);
  return {
    end() {
      clearInterval(timer);
      return swaps;
    },
  };
}

/**
 * A filter that lets all pass. When it is put into a line it touches every page of the arena: one that a rare burst would
 * touch later looks like a leak.
 */
const touching = {
  manifest: { name: 'touching' },
  open({ arena }) {
    const { bytes } = arena;
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) bytes[at] = bytes[at];
    return { judge() {}, configure() {}, counters: () => ({}), close() {} };
  },
};

function passing(name) {
  return defineFilter({
    name,
    config: { mark: { type: 'u32', default: 0 } },
    counters: ['seen', 'bytes'],
    filter(packet, { config, counters }) {
      counters.seen++;
      counters.bytes += packet.length;
      packet.mark = config.mark;
    },
  });
}

async function watch(line, seconds, log) {
  const everyMs = Math.max(500, (1000 * seconds) / SAMPLES);
  const samples = [];
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    await pause(Math.min(everyMs, Math.max(0, end - performance.now())));
    const now = sample();
    samples.push(now);
    const { read, lost, kernelDropped } = line.summary();
    log(
      `${Math.round(performance.now() / 1000)} s: ${read} packets, ${lost} lost, ${kernelDropped} dropped by the kernel, ` +
        `RSS ${now.rssMiB.toFixed(1)} MiB, heap ${now.heapMiB.toFixed(2)} MiB, ${now.descriptors} descriptors, ${now.maps} maps`,
    );
  }
  return samples;
}
