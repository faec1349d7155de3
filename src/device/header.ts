import { TaplineError } from '../errors.ts';
import { IFF_VNET_HDR, TUNSETVNETLE } from '../sys/ifTun.ts';
import { type Driver, intArgument, tunNumber, tunRequest } from './tunRequest.ts';
import { VIRTIO_HEADER_BYTES } from './virtioHeader.ts';

/**
 * Gives the device a header of 12 bytes, little-endian whatever the host. The size belongs to the device and outlives its
 * users; it is read back, because everything later counts on it.
 *
 * @returns its size in bytes
 */
export function setHeader(driver: Driver): number {
  tunRequest(driver, 'TUNSETVNETHDRSZ', intArgument(VIRTIO_HEADER_BYTES));
  setLittleEndian(driver);
  const bytes = tunNumber(driver, 'TUNGETVNETHDRSZ');
  if (bytes !== VIRTIO_HEADER_BYTES) {
    const text = `Cannot open ${driver.name}: its virtio header has ${bytes} bytes instead of ${VIRTIO_HEADER_BYTES}`;
    throw new TaplineError('NOT_SUPPORTED', text);
  }
  return bytes;
}

/** The size of the header that somebody else has decided on: 10, 12, 20 or 24 bytes; 0 without one. */
export function readHeader(driver: Driver, flags: number): number {
  if ((flags & IFF_VNET_HDR) === 0) return 0;
  setLittleEndian(driver);
  return tunNumber(driver, 'TUNGETVNETHDRSZ');
}

/** Before Linux 4.0 it does not exist, and the host's order, little-endian on all supported systems, holds. */
function setLittleEndian({ libc, fd }: Driver): void {
  libc.ioctl(fd, TUNSETVNETLE, intArgument(1));
}
