import { arpFrame, icmpFrame, tcpFrame, udpFrame } from '../testing/frames.ts';
import { suggest } from '../suggest.ts';
import { type Random, seededRandom } from './random.ts';

/** Kinds of packets that are generated. */
export type TrafficKind = 'tcp4' | 'tcp6' | 'udp4' | 'udp6' | 'icmp4' | 'icmp6' | 'arp';

/** What is generated. The same options give the same bytes, on every machine. */
export interface TrafficOptions {
  /** An integer of 0 to 2³² − 1. Default 1. */
  readonly seed?: number;
  /** Frames, 1 to 65,536. Default 256: a batch. */
  readonly count?: number;
  /**
   * Bytes of each frame, 42 to 65,535 (14 fewer without a link header), or weights by bytes: `{ 60: 7, 1514: 1 }`. A frame
   * that cannot be so short is as short as it can be (TCP over IPv6: 74). Default 60, the shortest on Ethernet.
   */
  readonly sizes?: number | Readonly<Record<number, number>>;
  /** One kind, or weights by kind. Default `'tcp4'`. */
  readonly mix?: TrafficKind | Readonly<Partial<Record<TrafficKind, number>>>;
  /** Different flows (addresses and ports) among them, 1 to 65,536. Default 64. */
  readonly flows?: number;
  /** Share of frames with an 802.1Q tag, 0 to 1. Default 0. */
  readonly vlanShare?: number;
  /** Destination port of TCP and UDP. Default: one of a few that are in use. */
  readonly destinationPort?: number;
  /** `'ethernet'` (default), or `'ip'`: without a link header, as on TUN; ARP is left out there. */
  readonly link?: 'ethernet' | 'ip';
}

/** Frame sizes as they are often met: many short ones, some of middle length, some full. */
export const MIXED_SIZES: Readonly<Record<number, number>> = { 60: 7, 590: 4, 1514: 1 };

/** Kinds as they are often met. */
export const MIXED_KINDS: Readonly<Record<TrafficKind, number>> = {
  tcp4: 50,
  udp4: 20,
  tcp6: 15,
  udp6: 10,
  icmp4: 2,
  icmp6: 2,
  arp: 1,
};

/**
 * Generates frames that are right in every field.
 *
 * @throws {TypeError} for an option or a kind that there is not
 * @throws {RangeError} for a value out of its range
 */
export function traffic(options: TrafficOptions = {}): Uint8Array[] {
  checkOptions(options);
  const { seed = 1, count = 256, flows = 64, vlanShare = 0, link = 'ethernet' } = options;
  const random = seededRandom(seed);
  const sizes = weightsOf(options.sizes ?? 60).map(([bytes, weight]) => [Number(bytes), weight] as const);
  const mix = weightsOf(options.mix ?? 'tcp4').filter(([kind]) => link === 'ethernet' || kind !== 'arp');
  if (mix.length === 0) throw new RangeError('Cannot generate traffic: there is no ARP without a link header');
  return Array.from({ length: count }, () => {
    const kind = random.weighted(mix) as TrafficKind;
    const plan: FramePlan = {
      kind,
      bytes: random.weighted(sizes),
      flow: random.below(flows),
      isTagged: link === 'ethernet' && random.below(1_000_000) < vlanShare * 1_000_000,
      link,
      destinationPort: options.destinationPort,
    };
    return frameOf(plan, random);
  });
}

interface FramePlan {
  readonly kind: TrafficKind;
  readonly bytes: number;
  readonly flow: number;
  readonly isTagged: boolean;
  readonly link: 'ethernet' | 'ip';
  readonly destinationPort: number | undefined;
}

const PORTS = [443, 80, 53, 22, 123, 5001, 8080, 51820];

function frameOf(plan: FramePlan, random: Random): Uint8Array {
  const { kind, flow, link, isTagged } = plan;
  const [low, high] = [flow & 0xff, flow >> 8];
  const isIpv6 = kind.endsWith('6');
  const common = {
    ...(link === 'ip' ? { link } : {}),
    ...(isTagged ? { vlanId: 1 + (flow % 4094) } : {}),
    sourceAddress: isIpv6 ? `fd00::${high.toString(16)}:${(low + 1).toString(16)}` : `10.1.${high}.${low}`,
    destinationAddress: isIpv6 ? 'fd00::ffff:1' : '10.2.0.1',
  };
  const ports = {
    sourcePort: 1024 + ((flow * 7919) % 64_000),
    destinationPort: plan.destinationPort ?? PORTS[flow % PORTS.length] ?? 0,
  };
  const make = (payload: Uint8Array): Uint8Array => {
    if (kind === 'arp')
      return arpFrame({ ...(isTagged ? { vlanId: common.vlanId ?? 0 } : {}), sourceAddress: common.sourceAddress });
    if (kind.startsWith('icmp')) return icmpFrame({ ...common, payload });
    if (kind.startsWith('udp')) return udpFrame({ ...common, ...ports, payload });
    return tcpFrame({ ...common, ...ports, payload, sequence: random.below(2 ** 32) });
  };
  return fill(make, plan.bytes, random);
}

/** As long as wanted: by payload, or, for ARP, by the padding of Ethernet. */
function fill(make: (payload: Uint8Array) => Uint8Array, bytes: number, random: Random): Uint8Array {
  const headers = make(new Uint8Array(0)).length;
  const payload = new Uint8Array(Math.max(0, bytes - headers));
  for (let i = 0; i < payload.length; i++) payload[i] = random.below(256);
  const frame = make(payload);
  if (frame.length >= bytes) return frame;
  const padded = new Uint8Array(bytes);
  padded.set(frame);
  return padded;
}

function weightsOf(choice: number | string | Readonly<Record<string, number>>): (readonly [string, number])[] {
  return typeof choice === 'object' ? Object.entries(choice) : [[String(choice), 1]];
}

const KEYS = ['seed', 'count', 'sizes', 'mix', 'flows', 'vlanShare', 'destinationPort', 'link'];

function checkOptions(options: TrafficOptions): void {
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) throw new TypeError(`Cannot generate traffic with '${key}'${suggest(key, KEYS)}`);
  }
  checkInteger('seed', options.seed ?? 1, 0, 2 ** 32 - 1);
  checkInteger('count', options.count ?? 256, 1, 65_536);
  checkInteger('flows', options.flows ?? 64, 1, 65_536);
  checkInteger('destinationPort', options.destinationPort ?? 0, 0, 65_535);
  const { vlanShare = 0, link = 'ethernet' } = options;
  if (!(vlanShare >= 0 && vlanShare <= 1)) throw new RangeError(`vlanShare must be 0 to 1: it is ${vlanShare}`);
  if (!['ethernet', 'ip'].includes(link)) throw new TypeError(`link must be 'ethernet' or 'ip': it is '${link}'`);
  const headers = link === 'ethernet' ? 0 : 14;
  const sizes = weightsOf(options.sizes ?? 60);
  for (const [bytes] of sizes) checkInteger('sizes', Number(bytes), 42 - headers, 65_535 - headers);
  checkWeights('sizes', sizes);
  const mix = weightsOf(options.mix ?? 'tcp4');
  for (const [kind] of mix) {
    const kinds = Object.keys(MIXED_KINDS);
    if (!kinds.includes(kind)) throw new TypeError(`There is no kind of traffic '${kind}'${suggest(kind, kinds)}`);
  }
  checkWeights('mix', mix);
}

function checkWeights(name: string, weights: readonly (readonly [string, number])[]): void {
  const isUsable = weights.every(([, weight]) => weight >= 0 && Number.isFinite(weight));
  if (isUsable && weights.some(([, weight]) => weight > 0)) return;
  throw new RangeError(`${name} needs weights of 0 or more, and one above 0`);
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} must be an integer of ${least} to ${most}: it is ${value}`);
}
