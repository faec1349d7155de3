import { TaplineError, type ErrorCode } from '../errors.ts';
import { errnoName, errnos } from './errno.ts';

/** What a failed call was for. */
export interface FailedCall {
  /** What could not be done, as in `Cannot open tun0`. */
  readonly action: string;
  /** The call that failed, as in `ioctl(TUNSETIFF)`. */
  readonly syscall: string;
  /** Positive error number. */
  readonly errno: number;
  /** Default: what the error number means everywhere. */
  readonly code?: ErrorCode;
  /** What the reader can do about it. */
  readonly remedy?: string;
  readonly path?: string;
}

/** The error of a failed system call: `Cannot open tun0: ioctl(TUNSETIFF) failed with EPERM: run as root or …`. */
export function systemError(call: FailedCall): TaplineError {
  const remedy = call.remedy ?? remedies[call.errno];
  const text = `${call.action}: ${call.syscall} failed with ${errnoName(call.errno)}`;
  return new TaplineError(
    call.code ?? codes[call.errno] ?? 'SYSCALL',
    remedy === undefined ? text : `${text}: ${remedy}`,
    {
      errno: call.errno,
      syscall: call.syscall,
      ...(call.path === undefined ? {} : { path: call.path }),
    },
  );
}

/** What everyone without CAP_NET_ADMIN can do. */
export const ADMIN_REMEDY =
  'run as root, grant CAP_NET_ADMIN (containers: --cap-add NET_ADMIN) or try it inside unshare -Urn';

const codes: Readonly<Record<number, ErrorCode>> = {
  [errnos.EPERM]: 'PERMISSION',
  [errnos.EACCES]: 'PERMISSION',
  [errnos.EBADFD]: 'DEVICE_GONE',
};

const remedies: Readonly<Record<number, string>> = {
  [errnos.EPERM]: ADMIN_REMEDY,
  [errnos.EBADFD]: 'the device was deleted',
  [errnos.EMFILE]: 'this process has too many open files (ulimit -n)',
};
