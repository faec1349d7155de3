/** The two machines of the demo. */
export const LEFT_ADDRESS = '10.77.0.1';
export const RIGHT_ADDRESS = '10.77.0.2';

/** How much traffic there is. Datagrams go out in groups, small enough for any queue on the way. */
export const plan = {
  pings: 10,
  pingIntervalMs: 200,
  transfers: 10,
  transferBytes: 8 * 1024 * 1024,
  transferPauseMs: 150,
  echoes: 200,
  echoIntervalMs: 12,
  unwanted: 1000,
  unwantedGroup: 5,
  unwantedIntervalMs: 12,
  telnetMs: 800,
} as const;

/** What the left machine sent, and what came back. */
export interface LeftReport {
  /** Null where there is no ping program. */
  readonly ping: RoundTrips | null;
  readonly web: WebTransfers;
  readonly echo: RoundTrips;
  /** Datagrams sent to the discard port. */
  readonly unwantedSent: number;
  /** Whether the telnet port answered. */
  readonly telnetAnswered: boolean;
}

/** What the right machine saw. */
export interface RightReport {
  /** Datagrams that came to the discard port in spite of the firewall. */
  readonly unwantedReceived: number;
}

export interface RoundTrips {
  readonly sent: number;
  readonly received: number;
  /** NaN when nothing came back. */
  readonly averageMs: number;
}

export interface WebTransfers {
  readonly transfers: number;
  readonly requestedBytes: number;
  readonly receivedBytes: number;
  /** Every transfer has the SHA-256 that the server gave. */
  readonly isIntact: boolean;
  /** Time in transfers, pauses left out; 0 where it says nothing. */
  readonly seconds: number;
}

/** From the demo to a machine. */
export type Request = 'go' | 'report';

/** From a machine to the demo. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'left'; readonly report: LeftReport }
  | { readonly kind: 'right'; readonly report: RightReport }
  | { readonly kind: 'failed'; readonly why: string };
