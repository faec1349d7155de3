import { summaryText } from '../run/summaryText.ts';
import { table } from '../table.ts';
import type { Outcome } from './outcome.ts';
import { type Proof, proofsOf } from './proofs.ts';
import { RIGHT_ADDRESS, type RoundTrips } from './traffic.ts';

/** The end of a demo for people: traffic as its ends saw it, the line's own counts, and whether the two agree. */
export function report(outcome: Outcome): { readonly text: string; readonly holds: boolean } {
  const proofs = proofsOf(outcome);
  return {
    text: [
      'What the machines say',
      ...indented(table([['traffic', 'sent', 'arrived', ''], ...trafficRows(outcome)])),
      '',
      `What the line says (engine: ${outcome.engine})`,
      ...indented(summaryText(outcome.summary).split('\n')),
      '',
      'Do they agree?',
      ...indented(proofs.map(proofLine)),
    ].join('\n'),
    holds: proofs.every(({ holds }) => holds),
  };
}

function trafficRows({ left, right }: Outcome): (string | number)[][] {
  const { web } = left;
  return [
    left.ping === null
      ? [`ping ${RIGHT_ADDRESS}`, '-', '-', 'there is no ping program here: see the echoes']
      : [`ping ${RIGHT_ADDRESS}`, left.ping.sent, left.ping.received, roundTrip(left.ping)],
    ['UDP echo, port 7', left.echo.sent, left.echo.received, roundTrip(left.echo)],
    [
      'web, port 80, bytes',
      web.requestedBytes,
      web.receivedBytes,
      `${web.transfers} × SHA-256 ${web.isIntact ? 'equal' : 'DIFFERENT'}${speed(web)}`,
    ],
    ['UDP to port 9', left.unwantedSent, right.unwantedReceived, 'dropped: discard'],
    ['TCP to port 23', 1, left.telnetAnswered ? 1 : 0, 'dropped: telnet'],
  ];
}

function roundTrip({ averageMs }: RoundTrips): string {
  return Number.isNaN(averageMs) ? '' : `${averageMs.toFixed(2)} ms there and back`;
}

function speed({ receivedBytes, seconds }: Outcome['left']['web']): string {
  return seconds > 0 ? `, ${((receivedBytes * 8) / seconds / 1e9).toFixed(2)} Gbit/s` : '';
}

function proofLine({ holds, text }: Proof): string {
  return `${holds ? 'yes' : 'NO '}  ${text}`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
