import { TUNDETACHFILTER, TUNSETFILTEREBPF, TUNSETTXFILTER } from '../sys/ifTun.ts';
import { MAX_FRAME_BYTES } from './frameReader.ts';
import { type Driver, intArgument } from './tunRequest.ts';

/**
 * Frees an existing device of what its last user may have left besides the offload mask: filters, in the kernel, of what
 * is to be read, and frames that were queued for us before the mask was set, 64 KiB of TCP among them.
 */
export function clearLeftovers({ libc, fd }: Driver): void {
  // TUN refuses the first two, and old kernels do not know the third: then there is nothing to clear.
  libc.ioctl(fd, TUNDETACHFILTER, 0);
  libc.ioctl(fd, TUNSETTXFILTER, new Uint8Array(4));
  libc.ioctl(fd, TUNSETFILTEREBPF, intArgument(-1));
  const scratch = new Uint8Array(MAX_FRAME_BYTES);
  const address = libc.addressOf(scratch);
  for (let frame = 0; frame < MOST_FRAMES && libc.read(fd, address, scratch.length) >= 0; frame++);
}

/** A device that is up receives all the time; what comes later is as we want it. */
const MOST_FRAMES = 1000;
