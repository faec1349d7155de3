import type { Device } from '../../../src/device/device.ts';
import { openTap } from '../../../src/device/open.ts';
import type { Engine, EnginePort } from '../../../src/engine/engine.ts';
import type { FdPort } from '../../../src/engine/readloop.ts';
import { AF_PACKET, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from '../../../src/sys/fcntl.ts';
import type { Libc } from '../../../src/sys/libc.ts';
import type { EngineFixture } from '../../../src/testing/index.ts';
import { ETHERTYPE_TEST, sh } from './device.ts';

/** What the kernel's stack sends and sees on the other side of a TAP device, without waiting. */
export interface Peer {
  send(frame: Uint8Array): boolean;
  receive(): Uint8Array[];
  close(): void;
}

/** An AF_PACKET socket for one EtherType: it sees what the engine writes, and not what it sends itself; packet(7). */
export function openPeer(libc: Libc, index: number): Peer {
  const protocol = ((ETHERTYPE_TEST & 255) << 8) | (ETHERTYPE_TEST >> 8);
  const fd = libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETHERTYPE_TEST);
  view.setInt32(4, index, true);
  if (fd < 0 || libc.bind(fd, address, address.length) < 0) throw new Error(`No packet socket: ${libc.errno()}`);
  const buffer = new Uint8Array(2048);
  return {
    send: (frame) => libc.send(fd, frame, frame.length, 0) === frame.length,
    receive() {
      const frames: Uint8Array[] = [];
      for (;;) {
        const bytes = libc.recv(fd, buffer, buffer.length, 0);
        if (bytes < 0) return frames;
        frames.push(buffer.slice(0, bytes));
      }
    },
    close() {
      libc.close(fd);
    },
  };
}

/** A TAP device and its other side. */
export interface Tap {
  readonly device: Device;
  readonly peer: Peer;
}

/** Opens a TAP device for each port. */
export async function openTaps(libc: Libc, ports: readonly EnginePort[]): Promise<Tap[]> {
  const taps: Tap[] = [];
  for (const { name } of ports) {
    const device = await openTap({ name: `eng-${name}` });
    taps.push({ device, peer: openPeer(libc, device.index) });
  }
  return taps;
}

/** The engine that `open` makes over the taps, as the suite wants it. */
export async function overTaps(
  taps: readonly Tap[],
  ports: readonly EnginePort[],
  open: (ports: readonly FdPort[]) => Engine | Promise<Engine>,
): Promise<EngineFixture> {
  const tapOf = (port: number): Tap => {
    const tap = taps[port];
    if (tap === undefined) throw new RangeError(`There is no port ${port}`);
    return tap;
  };
  return {
    engine: await open(ports.map((port, i) => ({ ...port, fd: tapOf(i).device.fd }))),
    inject: (port, frame) => tapOf(port).peer.send(frame),
    collect: (port) => tapOf(port).peer.receive(),
    lose(port) {
      sh('ip', 'link', 'del', tapOf(port).device.name);
    },
    close() {
      closeTaps(taps);
    },
  };
}

export function closeTaps(taps: readonly Tap[]): void {
  for (const { device, peer } of taps) {
    peer.close();
    device.close();
  }
}
