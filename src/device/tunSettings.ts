import { errnos } from '../sys/errno.ts';
import { type Driver, intArgument, tunRequest } from './tunRequest.ts';

/** Makes the interface outlive its descriptors, or not. */
export function setPersist(driver: Driver, persist: boolean): void {
  tunRequest(driver, 'TUNSETPERSIST', persist ? 1 : 0);
}

/** Says which user may attach without CAP_NET_ADMIN. By value, as with all three of these. */
export function setOwner(driver: Driver, user: number): void {
  tunRequest(driver, 'TUNSETOWNER', user, {
    [errnos.EINVAL]: { remedy: `user id ${user} does not exist in this user namespace` },
  });
}

/** Says which group may attach without CAP_NET_ADMIN. */
export function setGroup(driver: Driver, group: number): void {
  tunRequest(driver, 'TUNSETGROUP', group, {
    [errnos.EINVAL]: { remedy: `group id ${group} does not exist in this user namespace` },
  });
}

/** Says whether the cable is plugged in. */
export function setCarrier(driver: Driver, carrier: boolean): void {
  tunRequest(driver, 'TUNSETCARRIER', intArgument(carrier ? 1 : 0), {
    [errnos.EINVAL]: { code: 'NOT_SUPPORTED', remedy: 'the carrier can be set from Linux 4.20 on' },
    [errnos.EPERM]: { code: 'QUEUE_DETACHED', remedy: 'all its queues are detached: attach() one' },
  });
}

/** Limits the bytes that written frames may occupy in the kernel, for each queue that is attached now. */
export function setSendBuffer(driver: Driver, bytes: number): void {
  tunRequest(driver, 'TUNSETSNDBUF', intArgument(bytes));
}
