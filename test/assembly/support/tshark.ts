import { spawnSync } from 'node:child_process';

/** What tshark makes of the layers of a packet that `dissect` walks; what it does not have is undefined. */
export interface Judged {
  /** Names of the layers, the outermost first: `eth`, `ethertype`, `vlan`, `ip`, `tcp`, … */
  readonly protocols: readonly string[];
  /** Values of a field in the order of their layers; of nested packets the outer one first. */
  readonly all: (field: Field) => number[];
  readonly first: (field: Field) => number | undefined;
}

const fields = [
  'eth.type',
  'vlan.id',
  'vlan.etype',
  'ieee8021ad.id',
  'ip.hdr_len',
  'ip.proto',
  'ip.frag_offset',
  'ip.flags.mf',
  'ip.checksum.status',
  'ipv6.nxt',
  'ipv6.fraghdr.offset',
  'ipv6.fraghdr.more',
  'ipv6.fraghdr.nxt',
  'ipv6.hopopts.nxt',
  'ipv6.dstopts.nxt',
  'ipv6.routing.nxt',
  'ah.next_header',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.hdr_len',
  'tcp.flags',
  'tcp.checksum.status',
  'udp.srcport',
  'udp.dstport',
  'udp.checksum.status',
  'icmp.type',
  'icmp.code',
  'icmp.checksum.status',
  'icmpv6.type',
  'icmpv6.code',
  'icmpv6.checksum.status',
  'arp.opcode',
  'sctp.srcport',
  'sctp.dstport',
] as const;

export type Field = (typeof fields)[number];

const preferences = [
  'ip.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
];

/** Has tshark dissect a capture. */
export function judge(path: string): Judged[] {
  const args = [
    ...['-n', '-r', path, '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=,'],
    ...preferences.flatMap((preference) => ['-o', preference]),
    ...['frame.protocols', ...fields].flatMap((field) => ['-e', field]),
  ];
  const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`tshark ended with ${status}: ${stderr}`);
  return stdout.split('\n').slice(0, -1).map(read);
}

function read(line: string): Judged {
  const [layers = '', ...values] = line.split('\t');
  const all = (field: Field): number[] =>
    (values[fields.indexOf(field)] ?? '')
      .split(',')
      .filter((text) => text !== '')
      .map(Number);
  return { protocols: layers.split(':'), all, first: (field) => all(field)[0] };
}
