import { readdirSync, readlinkSync } from 'node:fs';

/** Open file descriptors of a process, as what they point to. */
export function descriptors(pid: number | 'self' = 'self'): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(`${folder}/${fd}`)];
    } catch {
      // The one through which the folder was read is closed already.
      return [];
    }
  });
}

/** Those of them that hold a TUN or TAP device. */
export function deviceDescriptors(pid: number | 'self' = 'self'): string[] {
  return descriptors(pid).filter((target) => target === '/dev/net/tun');
}
