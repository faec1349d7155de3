import { createHash } from 'node:crypto';

import { DISCARD_PORT, ECHO_PORT, SERVER_PORT, TELNET_PORT, WEB_PORT } from './filters.ts';
import * as frames from './frames.ts';
import type { LeftReport, RightReport, RoundTrips } from './traffic.ts';

/** How much traffic: about as much as with devices, but for the page, which has no real TCP to carry it. */
const counts = { pings: 10, echoes: 200, unwanted: 1_000 } as const;
const CHUNK_BYTES = 1_460;
/** The client's own port. */
const CLIENT_PORT = 40_000;

const outward: frames.Ends = { from: 1, to: 2 };
const homeward: frames.Ends = { from: 2, to: 1 };

const ICMP = 1;
const UDP = 17;
const TCP = 6;
/** TCP flags. */
const SYN = 2;
const PSH_ACK = 24;

/** The machine that asks. */
export interface LeftMachine {
  /** Everything that it sends. */
  frames(): Generator<Uint8Array>;
  /** Takes a frame from the line. */
  readonly take: (frame: Uint8Array) => void;
  /** Whether every answer came. */
  hasAll(): boolean;
  report(): LeftReport;
}

/** @param page what the web transfer must bring */
export function leftMachine(page: Uint8Array): LeftMachine {
  const seen = { pings: 0, echoes: 0, pageBytes: 0, intact: true, telnet: false };
  const hash = createHash('sha256');
  return {
    *frames() {
      for (let i = 0; i < counts.pings; i++) yield frames.icmpEcho(outward, 8, i);
      yield frames.tcp(outward, { source: CLIENT_PORT, destination: TELNET_PORT }, SYN, 0, nothing);
      for (let i = 0; i < counts.unwanted; i++) {
        yield frames.udp(outward, { source: CLIENT_PORT, destination: DISCARD_PORT }, Buffer.alloc(100, 'unwanted '));
        if (i % 5 === 0) yield frames.udp(outward, { source: CLIENT_PORT, destination: ECHO_PORT }, Buffer.alloc(64));
      }
      const get = Buffer.from('GET / HTTP/1.0\r\n\r\n');
      yield frames.tcp(outward, { source: CLIENT_PORT, destination: WEB_PORT }, PSH_ACK, 1, get);
    },
    take(frame) {
      const kind = frames.kindOf(frame);
      if (kind.protocol === ICMP) seen.pings++;
      else if (kind.protocol === UDP && kind.source === ECHO_PORT) seen.echoes++;
      else if (kind.protocol === TCP && kind.source === TELNET_PORT) seen.telnet = true;
      else if (kind.protocol === TCP && kind.source === WEB_PORT) {
        seen.intact &&= frames.isTcpIntact(homeward, frame);
        seen.pageBytes += frame.length - frames.TCP_PAYLOAD;
        hash.update(frame.subarray(frames.TCP_PAYLOAD));
      }
    },
    hasAll: () => seen.pings === counts.pings && seen.echoes === counts.echoes && seen.pageBytes === page.length,
    report: () => ({
      ping: roundTrips(counts.pings, seen.pings),
      echo: roundTrips(counts.echoes, seen.echoes),
      web: {
        transfers: 1,
        requestedBytes: page.length,
        receivedBytes: seen.pageBytes,
        isIntact: seen.intact && hash.digest('hex') === createHash('sha256').update(page).digest('hex'),
        seconds: 0,
      },
      unwantedSent: counts.unwanted,
      telnetAnswered: seen.telnet,
    }),
  };
}

/** The machine that answers. */
export interface RightMachine {
  readonly take: (frame: Uint8Array) => Promise<void>;
  report(): RightReport;
}

/**
 * @param page what it serves
 * @param send puts a frame into the line
 */
export function rightMachine(page: Uint8Array, send: (frame: Uint8Array) => Promise<void>): RightMachine {
  let unwantedReceived = 0;
  return {
    async take(frame) {
      const { protocol, source, destination } = frames.kindOf(frame);
      if (protocol === ICMP) await send(frames.icmpEcho(homeward, 0, 0));
      else if (destination === DISCARD_PORT) unwantedReceived++;
      else if (destination === ECHO_PORT) {
        await send(frames.udp(homeward, { source: ECHO_PORT, destination: source }, frame.slice(frames.UDP_PAYLOAD)));
      } else if (destination === SERVER_PORT) {
        for (const segment of segments(page, source)) await send(segment);
      }
    },
    report: () => ({ unwantedReceived }),
  };
}

function* segments(page: Uint8Array, destination: number): Generator<Uint8Array> {
  for (let at = 0; at < page.length; at += CHUNK_BYTES) {
    const ports = { source: SERVER_PORT, destination };
    yield frames.tcp(homeward, ports, PSH_ACK, at, page.subarray(at, at + CHUNK_BYTES));
  }
}

const nothing = new Uint8Array(0);

function roundTrips(sent: number, received: number): RoundTrips {
  return { sent, received, averageMs: Number.NaN };
}
