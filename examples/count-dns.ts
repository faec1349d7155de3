// Counts DNS questions and answers, and drops questions from a network that shall not ask.
//
//   tapline run --tap lan0 --tap wan0 --filter ./count-dns.ts
//
// In a pipeline file it can be configured: filters: [countDns({ port: 5353, blocked: '10.0.9.0/24' })].

import { defineFilter } from 'tapline';

/** Bit of the flags word of a DNS header that says "answer" (RFC 1035, 4.1.1). */
const ANSWER = 0x8000;
const FLAGS_OFFSET = 2;
const HEADER_BYTES = 12;

export default defineFilter({
  name: 'count-dns',
  config: {
    port: { type: 'u16', default: 53, description: 'where DNS servers listen' },
    blocked: { type: 'prefix', default: '203.0.113.0/24', description: 'nobody here may ask' },
  },
  counters: ['questions', 'answers'],
  reasons: ['blocked', 'shortDns'],
  filter(packet, { config, counters }) {
    if (!packet.isUdp) return;
    const isQuestion = packet.destinationPort === config.port;
    if (!isQuestion && packet.sourcePort !== config.port) return;
    if (packet.payloadLength < HEADER_BYTES) return packet.drop('shortDns');
    if (isQuestion && packet.sourceIn(config.blocked)) return packet.drop('blocked');
    if ((packet.u16(packet.payloadOffset + FLAGS_OFFSET) & ANSWER) === 0) counters.questions++;
    else counters.answers++;
    return undefined;
  },
});
