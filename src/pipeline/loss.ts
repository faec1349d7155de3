import { errnos } from '../sys/errno.ts';

/** Why a packet that was to be forwarded was lost: the errno of its write, by name. */
export const LOSS_REASONS = ['linkDown', 'txFull', 'rejected', 'portGone', 'closed', 'ioError'] as const;

export type LossReason = (typeof LOSS_REASONS)[number];

/** The reason that an errno stands for. */
export function lossReason(errno: number): LossReason {
  return REASONS.get(errno) ?? 'ioError';
}

const REASONS: ReadonlyMap<number, LossReason> = new Map([
  // The interface is down.
  [errnos.EIO, 'linkDown'],
  // No room: the write would have to wait, and too many wait already.
  [errnos.EAGAIN, 'txFull'],
  [errnos.ENOBUFS, 'txFull'],
  [errnos.ENOMEM, 'txFull'],
  // The kernel refuses the frame or its virtio header.
  [errnos.EINVAL, 'rejected'],
  [errnos.EMSGSIZE, 'rejected'],
  [errnos.E2BIG, 'rejected'],
  // The device was deleted, or the other side of a socket closed.
  [errnos.EBADFD, 'portGone'],
  [errnos.EBADF, 'portGone'],
  [errnos.ENODEV, 'portGone'],
  [errnos.EPIPE, 'portGone'],
  // The line was closed while the frame waited.
  [errnos.ECANCELED, 'closed'],
]);
