import type { Device } from '../device/device.ts';
import type { Offload } from '../device/offloads.ts';
import type { OpenPort } from './ports.ts';

/** A port whose device another thread owns, as it is sent to the one that moves its packets. */
export interface HandedPort extends Pick<OpenPort, 'number' | 'name' | 'link' | 'headerBytes' | 'offloads'> {
  /** A queue of the device: non-blocking, and closed by its owner. */
  readonly fd: number;
  /** Name and index of the interface. */
  readonly device: string;
  readonly index: number;
  /** Largest packet in bytes, as an MTU counts it. */
  readonly mtu: number;
}

/** A queue of a device that belongs to another thread. */
export class HandedDevice {
  readonly fd: number;
  readonly name: string;
  readonly index: number;
  readonly #mtu: number;
  readonly #setOffloads: (offloads: readonly Offload[]) => void;

  /** @param setOffloads asks the owner to say to the device which offloads are used from now on */
  constructor({ fd, device, index, mtu }: HandedPort, setOffloads: (offloads: readonly Offload[]) => void) {
    this.fd = fd;
    this.name = device;
    this.index = index;
    this.#mtu = mtu;
    this.#setOffloads = setOffloads;
  }

  /** As it was when the port was handed over. */
  mtu(): number {
    return this.#mtu;
  }

  /** The owner hears of it; until then more may come in than was asked for. */
  setOffloads(offloads: readonly Offload[]): readonly Offload[] {
    this.#setOffloads(offloads);
    return offloads;
  }
}

/** What is handed over of a port: one of its queues. */
export function handOver(port: OpenPort, device: Device, fd: number): HandedPort {
  const { number, name, link, headerBytes, offloads } = port;
  return { number, name, link, headerBytes, offloads, fd, device: device.name, index: device.index, mtu: device.mtu() };
}

/** The port on the other side. Whoever owns the device takes the interface up, and watches and closes it. */
export function takeOver(port: HandedPort, setOffloads: (offloads: readonly Offload[]) => void): OpenPort {
  const { number, name, link, headerBytes, offloads } = port;
  const target = new HandedDevice(port, setOffloads);
  return {
    number,
    name,
    link,
    headerBytes,
    offloads,
    target,
    gives: true,
    takes: true,
    claim: undefined,
    takesUp: false,
  };
}
