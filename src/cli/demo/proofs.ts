import type { Outcome } from './outcome.ts';

/** Something that must be true if every packet is accounted for. */
export interface Proof {
  readonly holds: boolean;
  readonly text: string;
}

/** Compares what the ends sent and received with what the line says it did. */
export function proofsOf({ left, right, summary }: Outcome): Proof[] {
  const firewall = summary.filters.find(({ name }) => name === 'firewall');
  const { discard = 0, telnet = 0 } = firewall?.reasons ?? {};
  const edited = summary.filters.find(({ name }) => name === 'port-80')?.modified ?? 0;
  const { read, made, forwarded, dropped, lost, merged, held } = summary;
  return [
    {
      holds: discard === left.unwantedSent && right.unwantedReceived === 0,
      text: `every unwanted datagram was dropped: ${discard} of ${left.unwantedSent}`,
    },
    {
      holds: telnet > 0 && !left.telnetAnswered,
      text: `telnet got no answer: ${telnet} packet${telnet === 1 ? '' : 's'} dropped`,
    },
    { holds: dropped === discard + telnet, text: `nothing else was dropped: ${dropped} = ${discard} + ${telnet}` },
    {
      holds: left.web.isIntact && left.web.receivedBytes === left.web.requestedBytes,
      text: `every web transfer arrived with its SHA-256: ${left.web.receivedBytes} of ${left.web.requestedBytes} bytes`,
    },
    { holds: edited > 0, text: `ports were edited in ${edited} packets on the way, checksums kept` },
    {
      holds: left.echo.received === left.echo.sent,
      text: `every echo came back: ${left.echo.received} of ${left.echo.sent}`,
    },
    ...(left.ping === null
      ? []
      : [
          {
            holds: left.ping.received === left.ping.sent,
            text: `every ping came back: ${left.ping.received} of ${left.ping.sent}`,
          },
        ]),
    {
      holds: read + made === forwarded + dropped + lost + merged + held,
      text: `no packet disappeared: ${read} read = ${forwarded} forwarded + ${dropped} dropped + ${lost} lost + ${held} held`,
    },
  ];
}
