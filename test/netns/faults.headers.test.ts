import { afterAll, beforeAll, expect, it } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { type Device, openTap, openTun } from '../../src/index.ts';
import { type Libc, loadLibc } from '../../src/sys/libc.ts';
import type { Bench } from '../assembly/bench.ts';
import { NO_VIRTIO, type VirtioFields } from '../assembly/descriptor.ts';
import { FRAME_START, TAP, admit, countedReasons, openLine, outboundOf, slotAddress } from '../assembly/line.ts';
import { tcp4, tcp6, tso4, tso6, udp4, udp6, uso4, uso6 } from '../assembly/superPackets.ts';
import { describeLive } from './support/devices.ts';

// Our validator held against the kernel's. The devices are down: the kernel looks at each frame, header first, and then
// throws it away with EIO; what it does not take fails before that with EINVAL (Linux 5.1 and later).

const EIO = 5;
const EINVAL = 22;
/** Headers per kind of device. */
const HEADERS = 40_000;
const ETHERNET_BYTES = 14;

type Kind = 'tap' | 'tun';

/** A frame with the fields of its virtio header. */
interface Sample {
  readonly frame: Uint8Array;
  readonly virtio: VirtioFields;
}

const samples: readonly Sample[] = [
  { frame: tcp4, virtio: tso4 },
  { frame: tcp6, virtio: tso6 },
  { frame: udp4, virtio: uso4 },
  { frame: udp6, virtio: uso6 },
  { frame: tcp4, virtio: { ...tso4, gsoType: layout.VNET_GSO_TCPV4 | layout.VNET_GSO_ECN } },
  { frame: tcp4, virtio: { ...tso4, gsoType: 0, gsoSize: 0 } },
  { frame: udp6, virtio: { ...uso6, gsoType: 0, gsoSize: 0 } },
  { frame: tcp6, virtio: NO_VIRTIO },
];

describeLive('virtio headers, ours and the kernel’s judgement', () => {
  let libc: Libc;
  let devices: Record<Kind, Device>;
  beforeAll(async () => {
    libc = await loadLibc();
    const options = { virtioHeader: true, up: false };
    devices = { tap: await openTap(options), tun: await openTun(options) };
  });
  afterAll(() => {
    for (const device of Object.values(devices)) device.close();
  });

  /** What the kernel says to bytes with a header before them. */
  const kernel = (kind: Kind, bytes: Uint8Array): number =>
    libc.write(devices[kind].fd, libc.addressOf(bytes), bytes.length) < 0 ? libc.errno() : 0;
  const kernelOn = (kind: Kind, { frame, virtio }: Sample): number => kernel(kind, withHeader(frame, virtio));

  it.each(['tap', 'tun'] as const)('what we send to a %s, the kernel takes', (kind) => {
    const bench = openCore(kind);
    const random = generator(kind === 'tap' ? 1 : 2);
    const counts = { sent: 0, refused: 0, stricter: 0 };
    for (let i = 0; i < HEADERS; i++) {
      const sample = mutated(
        pick(
          random,
          samples.map((each) => on(kind, each)),
        ),
        random,
      );
      const sent = send(bench, sample);
      const raw = kernelOn(kind, sample);
      expect([EIO, EINVAL]).toContain(raw);
      if (sent === undefined) counts.refused++;
      else counts.sent++;
      if (sent === undefined && raw === EIO) counts.stricter++;
      // Whatever we call valid, the kernel accepts. TUN takes only what begins like IP: that is no matter of the header.
      if (sent !== undefined && (kind === 'tap' || isIp(sample.frame))) {
        expect(kernel(kind, sent), JSON.stringify({ ...sample, frame: [...sample.frame] })).toBe(EIO);
      }
    }
    // None of the three is an accident: the generator hits all of them.
    for (const count of Object.values(counts)) expect(count, JSON.stringify(counts)).toBeGreaterThan(HEADERS / 100);
  });

  it.each(['tap', 'tun'] as const)('what is right goes to a %s, by both judgements', (kind) => {
    for (const sample of samples.map((each) => on(kind, each))) {
      expect(kernelOn(kind, sample)).toBe(EIO);
      expect(send(openCore(kind), sample)).toBeDefined();
    }
  });

  const wrong: readonly (readonly [title: string, sample: Sample])[] = [
    ['TSO without a checksum to complete', { frame: tcp4, virtio: { ...tso4, vnetFlags: 0 } }],
    ['TSO whose checksum begins within the TCP header', { frame: tcp4, virtio: { ...tso4, csumStart: 42 } }],
    ['TSO on a UDP packet', { frame: udp4, virtio: { ...tso4, csumOffset: 16 } }],
    ['UFO, which is no more', { frame: udp4, virtio: { ...uso4, gsoType: 3 } }],
    ['TSO whose IP length is beyond the frame', { frame: edited(tcp4, 16, 0xff), virtio: tso4 }],
    ['TSO on a fragment', { frame: edited(tcp4, 20, 0x20), virtio: tso4 }],
  ];
  it.each(wrong)('stricter than the kernel: %s', (_, sample) => {
    expect(kernelOn('tap', sample)).toBe(EIO);
    const bench = openCore('tap');
    expect(send(bench, sample)).toBeUndefined();
    expect(countedReasons(bench)).toEqual({ [layout.REASON_BAD_OFFLOAD]: 1 });
  });

  it('the length of the headers, which the kernel believes, is never passed on', () => {
    for (const hdrLen of [0, 1, ETHERNET_BYTES, 54, 354, 0xffff]) {
      const sent = send(openCore('tap'), { frame: tcp4, virtio: { ...tso4, hdrLen } });
      expect(new DataView(sent?.buffer ?? new ArrayBuffer(4)).getUint16(2, true)).toBe(54);
    }
  });
});

/** A core with two ports that take everything. */
function openCore(kind: Kind): Bench {
  const port = { ...TAP, link: kind === 'tap' ? layout.LINK_ETHERNET : layout.LINK_IP };
  return openLine([port, port]);
}

/** Lets a frame through; the bytes that would be written, or undefined when it was refused. */
function send(bench: Bench, { frame, virtio }: Sample): Uint8Array | undefined {
  admit(bench, [{ port: 0, frame, virtio }]);
  bench.core.route(1);
  const record = outboundOf(bench, 0);
  if (record.port !== 1) return undefined;
  const start = slotAddress(bench, 0) + record.offset;
  expect(record.offset).toBe(FRAME_START - layout.VNET_BYTES);
  return bench.bytes.slice(start, start + record.length);
}

function withHeader(frame: Uint8Array, virtio: VirtioFields): Uint8Array {
  const bytes = new Uint8Array(layout.VNET_BYTES + frame.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, virtio.vnetFlags);
  view.setUint8(1, virtio.gsoType);
  view.setUint16(2, virtio.hdrLen === 0xeeee ? 0 : virtio.hdrLen, true);
  view.setUint16(4, virtio.gsoSize, true);
  view.setUint16(6, virtio.csumStart, true);
  view.setUint16(8, virtio.csumOffset, true);
  bytes.set(frame, layout.VNET_BYTES);
  return bytes;
}

/** The same packet as it is on a TUN device. */
function on(kind: Kind, { frame, virtio }: Sample): Sample {
  if (kind === 'tap') return { frame, virtio };
  const csumStart = Math.max(0, virtio.csumStart - ETHERNET_BYTES);
  return { frame: frame.slice(ETHERNET_BYTES), virtio: { ...virtio, csumStart } };
}

/** Changes up to three things: fields of the header, bytes of the packet's headers, the frame's length. */
function mutated({ frame, virtio }: Sample, random: () => number): Sample {
  const fields = { ...virtio };
  let bytes = frame;
  for (let changes = below(random, 4); changes > 0; changes--) {
    const change = below(random, 9);
    if (change === 0) fields.vnetFlags = pick(random, [0, 1, 2, 3, 4, 0xff]);
    if (change === 1) fields.gsoType = pick(random, [0, 1, 2, 3, 4, 5, 0x20, 0x80, 0x81, 0x84, 0x85, 0x55]);
    if (change === 2) fields.gsoSize = pick(random, [0, 1, 2, 3, 7, 100, 299, 300, 301, 1448, 0xfffe, 0xffff]);
    if (change === 3) fields.csumStart = fields.csumStart + below(random, 64) - 32;
    if (change === 4) fields.csumOffset = pick(random, [0, 5, 6, 7, 15, 16, 17, below(random, 0x10000)]);
    if (change === 5) fields.csumStart = below(random, frame.length + 40);
    if (change === 6) fields.hdrLen = below(random, 2 * frame.length);
    if (change === 7) bytes = edited(bytes, below(random, Math.min(80, bytes.length)), below(random, 256));
    if (change === 8) bytes = bytes.slice(0, ETHERNET_BYTES + below(random, bytes.length - ETHERNET_BYTES));
  }
  return { frame: bytes, virtio: { ...fields, csumStart: fields.csumStart & 0xffff } };
}

function edited(frame: Uint8Array, at: number, value: number): Uint8Array {
  const copy = frame.slice();
  copy[at] = value;
  return copy;
}

function isIp(frame: Uint8Array): boolean {
  const version = (frame[0] ?? 0) >> 4;
  return version === 4 || version === 6;
}

/** xorshift32: the same headers in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function below(random: () => number, limit: number): number {
  return random() % Math.max(1, limit);
}

function pick<T>(random: () => number, list: readonly T[]): T {
  const chosen = list[below(random, list.length)];
  if (chosen === undefined) throw new Error('An empty list has nothing to pick');
  return chosen;
}
