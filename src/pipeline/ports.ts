import {
  OFFLOAD_CSUM,
  OFFLOAD_TSO4,
  OFFLOAD_TSO6,
  OFFLOAD_TSO_ECN,
  OFFLOAD_USO4,
  OFFLOAD_USO6,
  VNET_BYTES,
} from '../../assembly/layout.ts';
import { type Claim, claimDevice, giveBack, isClaimed } from '../device/claims.ts';
import type { Device } from '../device/device.ts';
import { offloadMask } from '../device/offloadMask.ts';
import type { DevicePort, PortLike, Ports } from './declaration.ts';
import type { CaptureFilePort, DiscardPort, FilePort } from './file.ts';
import { HandedDevice } from './handedPort.ts';
import { LineCapture } from './lineCapture.ts';
import { LineFile, openFile } from './lineFile.ts';
import { openTap, openTun } from './openDevice.ts';
import { LineQueue } from './queue.ts';

/** A port of a line with what stands behind it. */
export interface OpenPort {
  readonly number: number;
  readonly name: string;
  readonly link: 'ethernet' | 'ip';
  readonly headerBytes: number;
  /** What the device was granted, or the queue declared: TUN_F_* mask. */
  readonly offloads: number;
  readonly target: Device | HandedDevice | LineQueue | LineFile | LineCapture;
  /** Whether packets come in by it, and whether they may leave by it. */
  readonly gives: boolean;
  readonly takes: boolean;
  /** Of a device: through it the line hears that somebody wants to close it. */
  readonly claim: Claim | undefined;
  /** Whether the line takes the interface up, once everything is ready. */
  readonly takesUp: boolean;
}

/** A port as declared; without a name it takes the one that the kernel gives its device. */
export type NamedPort = readonly [name: string | null, port: PortLike];

/** Ports of a line, COPY_PORT left out. */
const PORT_LIMIT = 63;
const PORT_NAME = /^[\w.%-]{1,64}$/;
/** A capture takes super-packets whole, and checksums unfinished as they are: it shows what passes. */
const ALL_OFFLOADS = OFFLOAD_CSUM | OFFLOAD_TSO4 | OFFLOAD_TSO6 | OFFLOAD_TSO_ECN | OFFLOAD_USO4 | OFFLOAD_USO6;

/**
 * The ports of a declaration by name, in order.
 *
 * @throws {TypeError} for no port, too many, a name that is missing, malformed or used twice, or what is no port
 */
export function namedPorts(ports: Ports): NamedPort[] {
  if (typeof ports !== 'object' || (ports as unknown) === null) throw new TypeError('Cannot open a line without ports');
  const named = Array.isArray(ports)
    ? (ports as readonly PortLike[]).map((port, i) => [nameOf(port, i), port] as const)
    : Object.entries(ports as Readonly<Record<string, PortLike>>);
  if (named.length === 0 || named.length > PORT_LIMIT) {
    throw new TypeError(`Cannot open a line with ${named.length} ports: it must have 1 to ${PORT_LIMIT}`);
  }
  const seen = new Set<unknown>();
  for (const [name, port] of named) {
    if (name !== null && !Array.isArray(ports) && !PORT_NAME.test(name))
      throw new TypeError(`Cannot name a port '${name}': use 1 to 64 letters, digits, . _ -`);
    if (!isPort(port))
      throw new TypeError(
        `Cannot use port ${name ?? '(unnamed)'}: expected tap(…), tun(…), queue(), file(…), capture(…) or an open device`,
      );
    if ((name !== null && seen.has(name)) || seen.has(port))
      throw new TypeError(`Cannot use port ${name ?? '(unnamed)'} twice`);
    seen.add(name).add(port);
  }
  return named;
}

/** Opens what is not open yet; interfaces stay down until the line is ready. */
export async function openPort(number: number, name: string | null, port: PortLike): Promise<OpenPort> {
  if (port instanceof LineQueue) return queuePort(number, name ?? `queue${number}`, port);
  if (isFile(port)) return filePort(number, name ?? `file${number}`, await openFile(port));
  if (isCapture(port)) return capturePort(number, name ?? `${port.kind}${number}`, new LineCapture(port));
  const takesUp = isDeclaration(port) && port.options.up !== false;
  const device = isDeclaration(port) ? await openDevice(port) : (port as Device);
  const claim = claimDevice(device);
  return {
    number,
    name: name ?? device.name,
    link: device.kind === 'tap' ? 'ethernet' : 'ip',
    headerBytes: device.headerBytes,
    offloads: offloadMask(device.offloads, device.headerBytes > 0),
    target: device,
    gives: true,
    takes: true,
    claim,
    takesUp,
  };
}

/** Undoes what was opened or handed over; a device that belongs to another line is left alone. */
export function closePorts(opened: readonly OpenPort[], declared: readonly NamedPort[]): void {
  for (const port of opened) {
    closePort(port);
    if (port.target instanceof LineQueue) port.target.detach();
  }
  for (const [, port] of declared) if (isDevice(port) && !isClaimed(port)) port.close();
}

/** Whether a device stands behind a port. */
export function isDeviceTarget(target: OpenPort['target']): target is Device | HandedDevice {
  return !(target instanceof LineQueue || target instanceof LineFile || target instanceof LineCapture);
}

/** Closes the device or the file of a port; a queue ends with its engine, a capture takes its time, and what was handed over belongs to somebody else. */
export function closePort({ target }: OpenPort): void {
  if (target instanceof LineFile) target.close();
  if (!isDeviceTarget(target) || target instanceof HandedDevice) return;
  giveBack(target);
  target.close();
}

/**
 * Checks what only an open port tells: a device that was adopted or joined may have a virtio header of any size.
 *
 * @throws {TypeError} when the arena has no room for such a header
 */
export function checkHeader({ name, headerBytes }: OpenPort): void {
  if (headerBytes === 0 || headerBytes === VNET_BYTES) return;
  throw new TypeError(
    `Cannot use port ${name}: its virtio header has ${headerBytes} bytes, expected none or ${VNET_BYTES}`,
  );
}

function openDevice({ kind, options }: DevicePort): Promise<Device> {
  const down = { ...options, up: false };
  return kind === 'tap' ? openTap(down) : openTun(down);
}

function queuePort(number: number, name: string, target: LineQueue): OpenPort {
  target.checkIsNew();
  const { link = 'ethernet', virtioHeader = false, offloads = 'none' } = target.options;
  const mask = offloadMask(offloads, virtioHeader);
  return {
    number,
    name,
    link,
    headerBytes: virtioHeader ? VNET_BYTES : 0,
    offloads: mask,
    target,
    gives: true,
    takes: true,
    claim: undefined,
    takesUp: false,
  };
}

/** Nothing is written to it, so it binds nobody's offloads. */
function filePort(number: number, name: string, target: LineFile): OpenPort {
  const offloads = ALL_OFFLOADS;
  return {
    ...filePortBase,
    number,
    name,
    link: target.link,
    headerBytes: 0,
    offloads,
    target,
    gives: true,
    takes: false,
  };
}

/** With a virtio header, which is not captured: only so does the core let super-packets pass. Without offloads it cuts. */
function capturePort(number: number, name: string, target: LineCapture): OpenPort {
  const link = target.declaredLink ?? 'ethernet';
  const offloads = target.wantsSegments ? 0 : ALL_OFFLOADS;
  return { ...filePortBase, number, name, link, headerBytes: VNET_BYTES, offloads, target, gives: false, takes: true };
}

const filePortBase = { claim: undefined, takesUp: false } as const;

/**
 * The ports with the link of each capture that did not declare its own: that of the others.
 *
 * @throws {TypeError} when these are of both kinds
 */
export function withLinks(ports: readonly OpenPort[]): OpenPort[] {
  const links = new Set(ports.filter(({ gives }) => gives).map(({ link }) => link));
  const [only = 'ethernet', ...others] = links;
  return ports.map((port) => {
    if (!(port.target instanceof LineCapture) || port.target.declaredLink !== undefined) return port;
    if (others.length > 0) {
      throw new TypeError(
        `Cannot use port ${port.name}: say what it takes, link: 'ethernet' or 'ip', the line has both`,
      );
    }
    return { ...port, link: only };
  });
}

function nameOf(port: PortLike, index: number): string | null {
  if (isDeclaration(port)) {
    const { name = '' } = port.options;
    return name === '' || name.includes('%d') ? null : name;
  }
  if (port instanceof LineQueue) return `queue${index}`;
  if (isFile(port) || isCapture(port)) return `${port.kind}${index}`;
  return (port as Device).name;
}

function isPort(port: unknown): boolean {
  return isDeclaration(port) || port instanceof LineQueue || isFile(port) || isCapture(port) || isDevice(port);
}

/** A declaration of a file to be read. */
function isFile(port: unknown): port is FilePort {
  return hasKind(port, ['file']) && 'path' in port;
}

/** A declaration of a capture to be written, or of a port that keeps nothing. */
export function isCapture(port: unknown): port is CaptureFilePort | DiscardPort {
  return hasKind(port, ['capture', 'discard']);
}

function hasKind(port: unknown, kinds: readonly string[]): port is { readonly kind: string } {
  return typeof port === 'object' && port !== null && 'kind' in port && kinds.includes(port.kind as string);
}

function isDeclaration(port: unknown): port is DevicePort {
  if (typeof port !== 'object' || port === null || !('kind' in port) || !('options' in port)) return false;
  const isKind = port.kind === 'tap' || port.kind === 'tun';
  return isKind && typeof port.options === 'object' && port.options !== null && !('fd' in port);
}

function isDevice(port: unknown): port is Device {
  return typeof port === 'object' && port !== null && 'setOffloads' in port && 'headerBytes' in port;
}
