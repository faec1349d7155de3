import { defineFilter } from '../../filter/define.ts';

/** The port that the web server of the demo listens on; clients only know 80. */
export const SERVER_PORT = 8080;
export const WEB_PORT = 80;
/** Echo, RFC 862. */
export const ECHO_PORT = 7;
/** Discard, RFC 863: what nobody wants. */
export const DISCARD_PORT = 9;
export const TELNET_PORT = 23;

/** Drops what the demo calls unwanted, and says why. */
export const firewall = defineFilter({
  name: 'firewall',
  reasons: ['telnet', 'discard'],
  filter(packet) {
    if (packet.isTcp && packet.destinationPort === TELNET_PORT) return packet.drop('telnet');
    if (packet.isUdp && packet.destinationPort === DISCARD_PORT) return packet.drop('discard');
    return undefined;
  },
});

/** Counts what passes. */
export const census = defineFilter({
  name: 'census',
  counters: ['tcp', 'udp', 'icmp', 'arp', 'other', 'super'],
  filter(packet, { counters }) {
    if (packet.isTcp) counters.tcp++;
    else if (packet.isUdp) counters.udp++;
    else if (packet.isIcmp) counters.icmp++;
    else if (packet.isArp) counters.arp++;
    else counters.other++;
    if (packet.isSuper) counters.super++;
  },
});

/** Edits: the web server seems to listen on port 80. */
export const port80 = defineFilter({
  name: 'port-80',
  filter(packet) {
    if (!packet.isTcp) return;
    if (packet.destinationPort === WEB_PORT) packet.destinationPort = SERVER_PORT;
    else if (packet.sourcePort === SERVER_PORT) packet.sourcePort = WEB_PORT;
  },
});

export const demoFilters = [firewall, census, port80];
