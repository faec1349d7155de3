import { TaplineError } from '../errors.ts';
import { poller, type Poll } from './poll.ts';
import { stayLoaded } from './stayLoaded.ts';
import { threadDescriptors } from './threadDescriptors.ts';

/**
 * The C library, as far as it is used here. Functions are the C ones: they return what C returns, and `errno()` is only
 * meaningful directly after a result below 0.
 *
 * Addresses are numbers, exact below 2^53. Nothing checks that memory behind an address is as long as `bytes` says, nor
 * keeps it alive: hold the view until the call has returned.
 */
export interface Libc {
  /** File name of the loaded library, for example `libc.so.6`. */
  readonly library: string;

  readonly open: (path: string, flags: number, mode: number) => number;
  readonly close: (fd: number) => number;
  /** Closes in a thread of libuv's pool: removing an interface takes the kernel 10 to 100 ms. Errors are lost. */
  readonly closeInBackground: (fd: number) => void;
  readonly fcntl: (fd: number, command: number, argument: number) => number;
  /** Straight koffi function, about 0.1 µs above the system call: for read loops. */
  readonly read: (fd: number, address: number, bytes: number) => number;
  /** Straight koffi function, for write loops. */
  readonly write: (fd: number, address: number, bytes: number) => number;
  /** `iovec` is the address of `count` pairs {address u64, bytes u64}. */
  readonly readv: (fd: number, iovec: number, count: number) => number;
  readonly writev: (fd: number, iovec: number, count: number) => number;
  /** `argument` is the memory of a pointer argument, or the number of an argument by value. */
  readonly ioctl: (fd: number, request: number, argument: Uint8Array | number) => number;
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Uint8Array, bytes: number) => number;
  readonly send: (fd: number, message: Uint8Array, bytes: number, flags: number) => number;
  readonly recv: (fd: number, buffer: Uint8Array, bytes: number, flags: number) => number;
  readonly setns: (fd: number, type: number) => number;
  readonly eventfd: (initial: number, flags: number) => number;
  /** Makes `to` what `from` is; what `to` was is closed, in one step. */
  readonly dup3: (from: number, to: number, flags: number) => number;
  readonly epollCreate1: (flags: number) => number;
  /** `event` is a `struct epoll_event`. */
  readonly epollCtl: (epollFd: number, operation: number, fd: number, event: Uint8Array) => number;
  /**
   * Takes a descriptor that came by `syscall` into care: in a worker thread it gets another number, by which it is closed
   * when the thread is terminated. Close the number that is returned, which is below 0 when there was none left.
   */
  readonly adopt: (fd: number) => number;
  /** Returns an address, or -1. */
  readonly mmap: (
    address: number,
    bytes: number,
    protection: number,
    flags: number,
    fd: number,
    offset: number,
  ) => number;
  readonly munmap: (address: number, bytes: number) => number;
  /** Copies between any two addresses, shared WebAssembly memories included. */
  readonly memcpy: (to: number, from: number, bytes: number) => void;
  /** A system call by number, with exactly six arguments. */
  readonly syscall: (number: number, a0: number, a1: number, a2: number, a3: number, a4: number, a5: number) => number;

  /** The thread's errno. Read it at once, and only after a result below 0. */
  readonly errno: () => number;
  /** Native address of the view's first byte. It costs 80 ns, so take it once. 0 for a detached view. */
  readonly addressOf: (view: Uint8Array) => number;
  /** A view of native memory, for example of a mapping. It neither owns nor keeps it. `bytes` must be above 0. */
  readonly viewOf: (address: number, bytes: number) => Uint8Array;
  /** Waits for a file descriptor in the event loop of this thread. */
  readonly poll: Poll;
}

let loading: Promise<Libc> | undefined;

/**
 * Loads koffi and the C library at the first call, so that importing this package works on every system.
 *
 * @throws {TaplineError} `NOT_SUPPORTED` where there is no TUN/TAP, no koffi build or no known C library
 */
export function loadLibc(): Promise<Libc> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Libc> {
  checkSystem(process.platform, process.arch);
  const koffi = await importKoffi();
  const { library, handle } = loadFirst(koffi, libraryNames(process.arch));
  stayLoaded(() => dlOpenOf(koffi, handle));
  const functions = declare(handle);
  const { open, close, closeInBackground, socket, eventfd, adopt } = threadDescriptors({
    ...functions,
    setErrno: koffi.errno,
  });
  return {
    library,
    ...functions,
    ...{ open, close, closeInBackground, socket, eventfd, adopt },
    errno: koffi.errno,
    addressOf: (view) => Number(koffi.address(view)),
    viewOf: (address, bytes) => new Uint8Array(koffi.view(address, bytes)),
    poll: poller(koffi.node.poll),
  };
}

type Koffi = (typeof import('koffi'))['default'];

/** 64-bit, little-endian, `<asm-generic/ioctl.h>`: where the kernel numbers and layouts in this folder hold. */
const supportedArchitectures = ['x64', 'arm64', 'riscv64', 'loong64'];

function checkSystem(platform: string, architecture: string): void {
  if (platform !== 'linux') {
    throw new TaplineError('NOT_SUPPORTED', `Cannot open devices on ${platform}: TUN/TAP devices need Linux`);
  }
  if (!supportedArchitectures.includes(architecture)) {
    throw new TaplineError(
      'NOT_SUPPORTED',
      `Cannot open devices on linux-${architecture}: supported are ${supportedArchitectures.join(', ')}`,
    );
  }
}

async function importKoffi(): Promise<Koffi> {
  try {
    return (await import('koffi')).default;
  } catch (cause) {
    throw new TaplineError(
      'NOT_SUPPORTED',
      'Cannot load koffi: install it with its optional dependencies (npm install without --omit=optional)',
      { cause },
    );
  }
}

/** glibc first, then musl, which has the architecture in its name. */
function libraryNames(architecture: string): string[] {
  const machines: Record<string, string> = {
    x64: 'x86_64',
    arm64: 'aarch64',
    riscv64: 'riscv64',
    loong64: 'loongarch64',
  };
  return ['libc.so.6', `libc.musl-${machines[architecture] ?? architecture}.so.1`];
}

function loadFirst(koffi: Koffi, names: string[]): { library: string; handle: ReturnType<Koffi['load']> } {
  let cause: unknown;
  for (const library of names) {
    try {
      return { library, handle: koffi.load(library) };
    } catch (error) {
      cause = error;
    }
  }
  throw new TaplineError('NOT_SUPPORTED', `Cannot load the C library: tried ${names.join(' and ')}`, { cause });
}

/** Before glibc 2.34 it is in a library of its own. */
function dlOpenOf(koffi: Koffi, libc: ReturnType<Koffi['load']>): (path: string, flags: number) => unknown {
  const prototype = 'void *dlopen(const char *path, int flags)';
  try {
    return libc.func(prototype) as (path: string, flags: number) => unknown;
  } catch {
    return koffi.load('libdl.so.2').func(prototype) as (path: string, flags: number) => unknown;
  }
}

/** Members that are not functions of the C library. */
type OurOwn = 'library' | 'adopt' | 'closeInBackground' | 'errno' | 'addressOf' | 'viewOf' | 'poll';

/**
 * Variadic C functions get fixed prototypes: on the supported architectures integers travel in the same registers, and
 * calls are 12 % cheaper. koffi has no `ssize_t`.
 */
function declare(libc: ReturnType<Koffi['load']>): Omit<Libc, OurOwn> {
  return {
    open: libc.func('int open(const char *path, int flags, int mode)') as Libc['open'],
    close: libc.func('int close(int fd)') as Libc['close'],
    fcntl: libc.func('int fcntl(int fd, int command, uintptr_t argument)') as Libc['fcntl'],
    read: libc.func('intptr_t read(int fd, uintptr_t address, size_t bytes)') as Libc['read'],
    write: libc.func('intptr_t write(int fd, uintptr_t address, size_t bytes)') as Libc['write'],
    readv: libc.func('intptr_t readv(int fd, uintptr_t iovec, int count)') as Libc['readv'],
    writev: libc.func('intptr_t writev(int fd, uintptr_t iovec, int count)') as Libc['writev'],
    ioctl: libc.func('int ioctl(int fd, unsigned long request, void *argument)') as Libc['ioctl'],
    socket: libc.func('int socket(int domain, int type, int protocol)') as Libc['socket'],
    bind: libc.func('int bind(int fd, void *address, uint32_t bytes)') as Libc['bind'],
    send: libc.func('intptr_t send(int fd, void *message, size_t bytes, int flags)') as Libc['send'],
    recv: libc.func('intptr_t recv(int fd, void *buffer, size_t bytes, int flags)') as Libc['recv'],
    setns: libc.func('int setns(int fd, int type)') as Libc['setns'],
    eventfd: libc.func('int eventfd(unsigned int initial, int flags)') as Libc['eventfd'],
    dup3: libc.func('int dup3(int from, int to, int flags)') as Libc['dup3'],
    epollCreate1: libc.func('int epoll_create1(int flags)') as Libc['epollCreate1'],
    epollCtl: libc.func('int epoll_ctl(int epollFd, int operation, int fd, void *event)') as Libc['epollCtl'],
    mmap: libc.func(
      'intptr_t mmap(uintptr_t address, size_t bytes, int protection, int flags, int fd, intptr_t offset)',
    ) as Libc['mmap'],
    munmap: libc.func('int munmap(uintptr_t address, size_t bytes)') as Libc['munmap'],
    memcpy: libc.func('void memcpy(uintptr_t to, uintptr_t from, size_t bytes)') as Libc['memcpy'],
    syscall: libc.func(
      'intptr_t syscall(intptr_t number, uintptr_t a0, uintptr_t a1, uintptr_t a2, uintptr_t a3, uintptr_t a4, uintptr_t a5)',
    ) as Libc['syscall'],
  };
}
