import { describe, expect, it } from 'vitest';
import { type Layers, layersOf, read16, sealed, write16 } from './support/oracle.ts';
import { sample, samples } from './support/samples.ts';
import { type View, viewOf } from './support/view.ts';

/** A field as the oracle writes it: bytes at an offset; undefined when the packet does not have it. */
interface Field {
  readonly name: string;
  readonly values: readonly (number | string)[];
  readonly at: (layers: Layers) => number | undefined;
  /** Writes the value without a thought for checksums. */
  readonly write: (frame: Uint8Array, at: number, value: number | string, layers: Layers) => void;
}

const BYTE_VALUES = [0, 1, 0x7f, 0x80, 0xff, 0x100, -1];
const WORD_VALUES = [0, 1, 0x00ff, 0xff00, 0x7fff, 0xffff, 0x1_0000, -1];
const LONG_VALUES = [0, 1, 0xffff, 0xffff_0000, 0x8000_0000, 0xffff_ffff];

const byte: Field['write'] = (frame, at, value) => {
  frame[at] = Number(value) & 255;
};
const word: Field['write'] = (frame, at, value) => {
  write16(frame, at, Number(value) & 0xffff);
};
const long: Field['write'] = (frame, at, value) => {
  write16(frame, at, (Number(value) >>> 16) & 0xffff);
  write16(frame, at + 2, Number(value) & 0xffff);
};
const address: Field['write'] = (frame, at, value) => {
  const text = String(value);
  if (!text.includes(':')) frame.set(text.split('.').map(Number), at);
  else frame.set(new URL(`http://[${text}]`).hostname === '' ? [] : groupsOf(text), at);
};
const mac: Field['write'] = (frame, at, value) => {
  frame.set(
    String(value)
      .split(':')
      .map((pair) => Number.parseInt(pair, 16)),
    at,
  );
};

function groupsOf(text: string): number[] {
  const [head = '', tail = ''] = text.split('::');
  const parse = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  const [before, after] = [parse(head), parse(tail)];
  return [...before, ...Array<number>(16 - before.length - after.length).fill(0), ...after];
}

const hasTransport = ({ version, isLaterFragment }: Layers): boolean => version !== 0 && !isLaterFragment;
const ifTcp =
  (offset: number) =>
  (layers: Layers): number | undefined =>
    hasTransport(layers) && layers.protocol === 6 ? layers.l4 + offset : undefined;
const ifPorts =
  (offset: number) =>
  (layers: Layers): number | undefined =>
    hasTransport(layers) && [6, 17].includes(layers.protocol) ? layers.l4 + offset : undefined;
const ifIcmp =
  (offset: number) =>
  (layers: Layers): number | undefined =>
    hasTransport(layers) && layers.protocol === (layers.version === 4 ? 1 : 58) ? layers.l4 + offset : undefined;
const ifIpv4 =
  (offset: number) =>
  ({ version, l3 }: Layers): number | undefined =>
    version === 4 ? l3 + offset : undefined;
const ifLink =
  (offset: number) =>
  ({ l3 }: Layers): number | undefined =>
    l3 >= 14 ? offset : undefined;
const ifAddress =
  (offsets: { 4: number; 6: number; arp: number }, wanted: 4 | 6) =>
  ({ version, l3, etherType }: Layers): number | undefined => {
    if (etherType === 0x0806) return wanted === 4 ? l3 + offsets.arp : undefined;
    return version === wanted ? l3 + offsets[wanted] : undefined;
  };

const IPV4_TEXTS = ['0.0.0.0', '255.255.255.255', '10.1.2.3', '203.0.113.250'];
const IPV6_TEXTS = ['::', '::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::7:0:0:1', 'fd00::'];
const MAC_TEXTS = ['00:00:00:00:00:00', 'FF:ff:fF:Ff:ff:ff', '02:1a:2b:3c:4d:5e'];
const SOURCE = { 4: 12, 6: 8, arp: 14 };
const DESTINATION = { 4: 16, 6: 24, arp: 24 };

const fields: readonly Field[] = [
  { name: 'destinationMac', values: MAC_TEXTS, at: ifLink(0), write: mac },
  { name: 'sourceMac', values: MAC_TEXTS, at: ifLink(6), write: mac },
  {
    name: 'vlanId',
    values: [0, 1, 0xfff, 0x1000],
    at: ({ tags }) => (tags > 0 ? 14 : undefined),
    write(frame, at, value) {
      write16(frame, at, (read16(frame, at) & 0xf000) | (Number(value) & 0xfff));
    },
  },
  {
    name: 'ttl',
    values: BYTE_VALUES,
    at: ({ version, l3 }) => (version === 4 ? l3 + 8 : version === 6 ? l3 + 7 : undefined),
    write: byte,
  },
  ...(['dscp', 'ecn'] as const).map((name): Field => ({
    name,
    values: name === 'dscp' ? [0, 1, 46, 63, 64, -1] : [0, 1, 2, 3, 4, -1],
    at: ({ version, l3 }) => (version === 0 ? undefined : l3),
    write(frame, at, value, { version }) {
      const [shift, mask] = name === 'dscp' ? [2, 0xfc] : [0, 3];
      const put = (old: number): number => (old & ~mask & 255) | ((Number(value) << shift) & mask);
      if (version === 4) frame[at + 1] = put(frame[at + 1] ?? 0);
      else write16(frame, at, (read16(frame, at) & 0xf00f) | (put((read16(frame, at) >> 4) & 255) << 4));
    },
  })),
  { name: 'sourceIpv4', values: LONG_VALUES, at: ifIpv4(12), write: long },
  { name: 'destinationIpv4', values: LONG_VALUES, at: ifIpv4(16), write: long },
  { name: 'sourceAddress', values: IPV4_TEXTS, at: ifAddress(SOURCE, 4), write: address },
  { name: 'sourceAddress', values: IPV6_TEXTS, at: ifAddress(SOURCE, 6), write: address },
  { name: 'destinationAddress', values: IPV4_TEXTS, at: ifAddress(DESTINATION, 4), write: address },
  { name: 'destinationAddress', values: IPV6_TEXTS, at: ifAddress(DESTINATION, 6), write: address },
  { name: 'sourcePort', values: WORD_VALUES, at: ifPorts(0), write: word },
  { name: 'destinationPort', values: WORD_VALUES, at: ifPorts(2), write: word },
  { name: 'sequence', values: LONG_VALUES, at: ifTcp(4), write: long },
  { name: 'acknowledgement', values: LONG_VALUES, at: ifTcp(8), write: long },
  { name: 'tcpFlags', values: BYTE_VALUES, at: ifTcp(13), write: byte },
  { name: 'window', values: WORD_VALUES, at: ifTcp(14), write: word },
  { name: 'icmpType', values: BYTE_VALUES, at: ifIcmp(0), write: byte },
  { name: 'icmpCode', values: BYTE_VALUES, at: ifIcmp(1), write: byte },
];

function set({ packet }: View, name: string, value: number | string): void {
  (packet as unknown as Record<string, number | string>)[name] = value;
}

function changed(frame: Uint8Array, { write }: Field, at: number, value: number | string, layers: Layers): Uint8Array {
  const copy = frame.slice();
  write(copy, at, value, layers);
  return copy;
}

for (const field of fields) {
  describe(`Packet.${field.name}`, () => {
    for (const { name, bytes, link } of samples) {
      const layers = layersOf(bytes, link);
      const at = field.at(layers);
      if (at === undefined) {
        // The same name with the other kind of address is tried elsewhere.
        if (fields.some((other) => other.name === field.name && other.at(layers) !== undefined)) continue;
        it(`of ${name} does nothing but mark it short`, () => {
          const view = viewOf(bytes, { link });
          set(view, field.name, field.values[0] ?? 0);
          expect([view.takeShort(), view.isModified()]).toEqual([true, false]);
          expect([...view.bytes()]).toEqual([...bytes]);
        });
        continue;
      }
      it(`of ${name} keeps the checksums right`, () => {
        const view = viewOf(bytes, { link });
        for (const value of field.values) {
          view.reset();
          set(view, field.name, value);
          const wanted = sealed(changed(bytes, field, at, value, layers), link, { keepZero: true });
          expect([value, [...view.bytes()]]).toEqual([value, [...wanted]]);
          expect([view.takeShort(), view.isModified(), view.isPoisonIntact()]).toEqual([false, true, true]);
        }
      });

      it(`of ${name} keeps a wrong checksum wrong by as much`, () => {
        const broken = bytes.slice();
        const { version, l3, l4 } = layers;
        if (version === 4) write16(broken, l3 + 10, read16(broken, l3 + 10) ^ 0x1040);
        if (version !== 0 && l4 + 18 < broken.length) broken.set([0x5a, 0x3c], broken.length - 2);
        const view = viewOf(broken, { link });
        const before = (view.packet as unknown as Record<string, number | string>)[field.name] ?? 0;
        for (const value of field.values) {
          set(view, field.name, value);
          if (version === 4) {
            const wanted = sealed(changed(broken, field, at, value, layers), link);
            expect(read16(view.bytes(), l3 + 10)).not.toBe(read16(wanted, l3 + 10));
          }
        }
        set(view, field.name, before);
        expect([...view.bytes()]).toEqual([...broken]);
      });
    }
  });
}

describe('Packet setters', () => {
  it('leave a UDP checksum of 0 at 0', () => {
    const { bytes } = sample('UDP over IPv4 in a VLAN');
    const { l4 } = layersOf(bytes, 'ethernet');
    const without = bytes.slice();
    write16(without, l4 + 6, 0);
    const { packet } = viewOf(without);
    packet.sourcePort = 1;
    packet.sourceAddress = '10.0.0.9';
    packet.setU8(l4 + 10, 77);
    expect(packet.u16(l4 + 6)).toBe(0);
  });

  it('write all ones where a UDP checksum comes to 0', () => {
    const { bytes } = sample('UDP over IPv4 in a VLAN');
    const { l4 } = layersOf(bytes, 'ethernet');
    const { packet } = viewOf(bytes);
    let zeros = 0;
    for (let port = 0; port < 0x1_0000; port++) {
      packet.sourcePort = port;
      if (packet.u16(l4 + 6) === 0xffff) zeros++;
    }
    expect(zeros).toBe(1);
    expect([...packet.bytes]).toEqual([...sealed(packet.bytes.slice(), 'ethernet')]);
  });

  it('add up: any number of them leaves right checksums', () => {
    for (const { bytes, link } of samples) {
      const view = viewOf(bytes, { link });
      const layers = layersOf(bytes, link);
      const copy = bytes.slice();
      for (let round = 0; round < 3; round++) {
        for (const field of fields) {
          const at = field.at(layers);
          const value = field.values[round] ?? 0;
          // Type 0 of ICMP is as good as 8; a TCP data offset or a length is not touched by any setter.
          if (at === undefined) continue;
          field.write(copy, at, value, layers);
          set(view, field.name, value);
        }
      }
      expect([...view.bytes()]).toEqual([...sealed(copy, link, { keepZero: true })]);
    }
  });

  it('take effect for later filters: the packet is dissected again', () => {
    const { bytes } = sample('TCP over IPv4');
    const view = viewOf(bytes);
    view.packet.destinationPort = 8080;
    view.packet.tcpFlags = 2;
    const hash = view.packet.flowHash;
    expect(view.settle()).toBe(1);
    expect([view.packet.destinationPort, view.packet.tcpFlags, view.isModified()]).toEqual([8080, 2, false]);
    expect(view.packet.flowHash).not.toBe(hash);
  });

  it('refuse what is no address', () => {
    const { packet } = viewOf(sample('TCP over IPv4').bytes);
    const six = viewOf(sample('TCP over IPv6').bytes).packet;
    for (const text of ['', '10.0.0', '10.0.0.256', 'fd00::1', '10.0.0.1 ', '010.0.0.1', '1e1.0.0.1']) {
      expect(() => (packet.sourceAddress = text)).toThrow(TypeError);
    }
    for (const text of ['10.0.0.1', 'fd00::1%eth0', ':::', '1::2::3', 'fd00::10000']) {
      expect(() => (six.destinationAddress = text)).toThrow(TypeError);
    }
    for (const text of ['', '02:00:00:00:00', '02-00-00-00-00-01', '02:00:00:00:00:0g', '02:00:00:00:00:01:02']) {
      expect(() => (packet.sourceMac = text)).toThrow(TypeError);
    }
    expect([...packet.bytes]).toEqual([...sample('TCP over IPv4').bytes]);
  });
});
