import { errnos } from '../sys/errno.ts';
import { IFF_UP } from '../sys/interfaceFlags.ts';
import { changeLinkFlags, type Link, linkIndex, setLinkMac, setLinkMtu, setLinkQueueLength } from '../sys/link.ts';
import { systemError } from '../sys/systemError.ts';
import { setThreadedNapi } from '../sys/threadedNapi.ts';
import { addAddress } from './address.ts';
import type { CheckedOptions } from './checkOptions.ts';
import type { Meanings } from './tunRequest.ts';

/**
 * Sets what the options say of the interface. Everything that needs it down comes before it is taken up.
 *
 * @returns the interface index
 */
export function configureLink(link: Link, options: CheckedOptions): number {
  const index = linkIndex(link);
  if (options.mac !== undefined) setLinkMac(link, options.mac);
  if (options.mtu !== undefined) setLinkMtu(link, options.mtu);
  if (options.txQueueLength !== undefined) setLinkQueueLength(link, options.txQueueLength);
  for (const address of options.addresses) addAddress(link.libc, link.name, index, address);
  if (options.napi === 'threaded') setThreaded(link, index);
  changeLinkFlags(link, options.interfaceFlags | (options.up ? IFF_UP : 0));
  return index;
}

function setThreaded(link: Link, index: number): void {
  const errno = setThreadedNapi(link.libc, link.name, index);
  if (errno === 0) return;
  throw systemError({
    action: `Cannot give ${link.name} threaded NAPI`,
    syscall: `write(/sys/class/net/${link.name}/threaded)`,
    errno,
    ...threadedFailures[errno],
  });
}

const threadedFailures: Meanings = {
  [errnos.ENOENT]: {
    code: 'NOT_SUPPORTED',
    remedy: 'it needs Linux 5.12, and a /sys of this network namespace (mount -t sysfs sysfs /sys)',
  },
  [errnos.EACCES]: { code: 'PERMISSION', remedy: 'only root may switch it on' },
  [errnos.EROFS]: { code: 'PERMISSION', remedy: '/sys is read-only here: napi: true works without it' },
};
