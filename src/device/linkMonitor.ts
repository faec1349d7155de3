import { TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import type { Libc } from '../sys/libc.ts';
import { type LinkMessage, parseLink, readLink } from '../sys/linkMessage.ts';
import { openRouteSocket, receiveNetlink } from '../sys/netlink.ts';
import { currentNamespace } from '../sys/netns.ts';
import type { PollHandle } from '../sys/poll.ts';
import { RTM_DELLINK, RTM_NEWLINK, RTMGRP_LINK } from '../sys/rtnetlink.ts';
import { Stack } from '../sys/stack.ts';
import { systemError } from '../sys/systemError.ts';
import { inDeviceNetns } from './deviceNetns.ts';
import type { DeviceEvent } from './events.ts';
import type { Identity } from './identity.ts';
import type { Held } from './lifeline.ts';
import { linkChanges, type LinkState, linkState } from './linkState.ts';

interface Waiter {
  /** Keeps the device from being collected while somebody waits. */
  readonly owner: unknown;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Hears what rtnetlink says of one interface, and follows it into other network namespaces. News wait in the socket until
 * somebody asks; when too many did, the outcome is asked for, so that steps may be missing but never the result.
 */
export class LinkMonitor implements Held {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #identity: Identity;
  readonly #events: DeviceEvent[] = [];
  readonly #waiters: Waiter[] = [];
  #socket: number;
  #state: LinkState;
  #netns: number;
  #poll: PollHandle | null = null;
  #isOver = false;

  /** Begins with the state that the interface has now. `fd` stays the caller's. */
  constructor(libc: Libc, fd: number, identity: Identity) {
    this.#libc = libc;
    this.#fd = fd;
    this.#identity = identity;
    ({ socket: this.#socket, state: this.#state, netns: this.#netns } = subscribe(libc, fd, identity));
  }

  /** The next event; null when there will be none. `owner` is kept alive while it is waited for. */
  async next(owner: unknown): Promise<DeviceEvent | null> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#isOver) return null;
      if (!this.#drain()) await this.#wait(owner);
    }
  }

  /** Ends it for whoever waits with an error. */
  fail(reason: unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
    this.close();
  }

  /** Releases the socket. What was heard before can still be fetched. Idempotent. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  #wait(owner: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#poll ??= this.#libc.poll(this.#socket, { readable: true }, () => {
        this.#poll?.pause();
        for (const waiter of this.#waiters.splice(0)) waiter.resolve();
      });
      this.#poll.resume();
      this.#waiters.push({ owner, resolve, reject });
    });
  }

  /** Takes in what the socket has. False when there was nothing new. */
  #drain(): boolean {
    let hasLost = false;
    while (!this.#isOver) {
      const messages = receiveNetlink(this.#libc, this.#socket);
      if (messages === -errnos.EAGAIN) break;
      if (messages === -errnos.ENOBUFS) hasLost = true;
      else if (typeof messages !== 'number') for (const { type, body } of messages) this.#hear(type, parseLink(body));
      else if (messages !== -errnos.EINTR) {
        throw systemError({ action: 'Cannot hear rtnetlink', syscall: 'recv', errno: -messages });
      }
    }
    if (hasLost && !this.#isOver) this.#restart();
    return this.#events.length > 0 || this.#isOver;
  }

  #hear(type: number, message: LinkMessage): void {
    if (message.index !== this.#state.index || message.family !== AF_UNSPEC || this.#isOver) return;
    if (type === RTM_NEWLINK) this.#become(linkState(message, this.#state));
    else if (type === RTM_DELLINK) this.#restart();
  }

  #become(after: LinkState): void {
    this.#events.push(...linkChanges(this.#state, after));
    this.#state = after;
    this.#identity.name = after.name;
    this.#identity.index = after.index;
  }

  /** After it has left this namespace, or news were lost: looks where it is, and what it has become. */
  #restart(): void {
    try {
      const { socket, state, netns } = subscribe(this.#libc, this.#fd, this.#identity);
      this.#release();
      this.#socket = socket;
      if (netns !== this.#netns) this.#events.push({ type: 'moved', index: state.index });
      this.#netns = netns;
      this.#become(state);
    } catch (error) {
      if (!(error instanceof TaplineError) || error.code !== 'DEVICE_GONE') throw error;
      this.#events.push({ type: 'gone' });
      this.close();
    }
  }

  #release(): void {
    this.#poll?.close();
    this.#poll = null;
    this.#libc.close(this.#socket);
  }
}

const AF_UNSPEC = 0;

interface Subscription {
  readonly socket: number;
  /** Newer than every message that is in the socket by then. */
  readonly state: LinkState;
  /** Inode of the network namespace. */
  readonly netns: number;
}

/** A new socket in the namespace of the interface. A rename or a move in between is a reason to try again. */
function subscribe(libc: Libc, fd: number, identity: Identity): Subscription {
  for (let attempt = 1; ; attempt++) {
    try {
      return subscribeOnce(libc, fd, identity);
    } catch (error) {
      if (attempt === 3 || !(error instanceof TaplineError) || error.errno !== errnos.ENODEV) throw error;
    }
  }
}

function subscribeOnce(libc: Libc, fd: number, identity: Identity): Subscription {
  using stack = new Stack();
  const subscription = inDeviceNetns(libc, fd, identity, () => {
    const socket = stack.adopt(openRouteSocket(libc, RTMGRP_LINK), libc.close);
    const state = linkState(readLink({ libc, socket, name: identity.name }));
    return { socket, state, netns: currentNamespace() };
  });
  stack.move();
  return subscription;
}
