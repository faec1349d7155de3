/*
 * The second yardstick: the same relay as relay.c, by io_uring. Reads and writes go in batches of up to 64, on fixed files,
 * from one buffer per place; DEFER_TASKRUN | SINGLE_ISSUER, one ring, one system call for the reads of a batch and one
 * for its writes. RWF_NOWAIT ends a batch where the queue is empty; poll() waits for the next frame.
 *
 *   relayUring [-t] [-o MASK] [-c COUNT] NAME=PID NAME=PID      options, output and protocol as of relay.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { VNET_BYTES = 12, FRAME_BYTES = 65600, BATCH = 64 };

static char frames[BATCH][FRAME_BYTES];
static int ring;
static struct io_uring_sqe *sqes;
static struct io_uring_cqe *cqes;
static unsigned *sq_tail, *sq_array, *cq_head, *cq_tail, sq_mask, cq_mask;
static int results[BATCH];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* Opens NAME in the namespace of PID; returns its descriptor. */
static int open_device(char *place, short kind, unsigned long offloads) {
  char *separator = strchr(place, '=');
  if (!separator) fail(place);
  *separator = '\0';
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/ns/net", separator + 1);
  int ns = open(path, O_RDONLY | O_CLOEXEC);
  if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) fail(path);
  close(ns);

  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) fail("/dev/net/tun");
  struct ifreq request = {.ifr_flags = kind | IFF_NO_PI | IFF_VNET_HDR};
  snprintf(request.ifr_name, IFNAMSIZ, "%s", place);
  if (ioctl(fd, TUNSETIFF, &request) < 0) fail("TUNSETIFF");
  int header = VNET_BYTES, little_endian = 1;
  if (ioctl(fd, TUNSETVNETHDRSZ, &header) < 0) fail("TUNSETVNETHDRSZ");
  if (ioctl(fd, TUNSETVNETLE, &little_endian) < 0) fail("TUNSETVNETLE");
  if (ioctl(fd, TUNSETOFFLOAD, offloads) < 0) fail("TUNSETOFFLOAD");
  return fd;
}

/* Makes the ring and registers both devices: file 0 and file 1. */
static void open_ring(int files[2]) {
  struct io_uring_params params = {
      .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
  };
  ring = syscall(__NR_io_uring_setup, BATCH, &params);
  if (ring < 0) fail("io_uring_setup");
  size_t bytes = params.cq_off.cqes + params.cq_entries * sizeof *cqes;
  size_t sq_bytes = params.sq_off.array + params.sq_entries * sizeof *sq_array;
  char *rings = mmap(NULL, bytes > sq_bytes ? bytes : sq_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
                     IORING_OFF_SQ_RING);
  sqes = mmap(NULL, params.sq_entries * sizeof *sqes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
              IORING_OFF_SQES);
  if (rings == MAP_FAILED || sqes == MAP_FAILED) fail("mmap");
  sq_tail = (unsigned *)(rings + params.sq_off.tail);
  sq_array = (unsigned *)(rings + params.sq_off.array);
  sq_mask = *(unsigned *)(rings + params.sq_off.ring_mask);
  cq_head = (unsigned *)(rings + params.cq_off.head);
  cq_tail = (unsigned *)(rings + params.cq_off.tail);
  cq_mask = *(unsigned *)(rings + params.cq_off.ring_mask);
  cqes = (struct io_uring_cqe *)(rings + params.cq_off.cqes);
  if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_FILES, files, 2) < 0) fail("IORING_REGISTER_FILES");
}

static void prepare(int opcode, int file, int place, unsigned bytes) {
  unsigned index = *sq_tail & sq_mask;
  sqes[index] = (struct io_uring_sqe){
      .opcode = opcode,
      .flags = IOSQE_FIXED_FILE,
      .fd = file,
      .addr = (uintptr_t)frames[place],
      .len = bytes,
      .rw_flags = RWF_NOWAIT,
      .user_data = place,
  };
  sq_array[index] = index;
  __atomic_store_n(sq_tail, *sq_tail + 1, __ATOMIC_RELEASE);
}

/* Submits `count` entries, waits until all have ended, and stores their results by place. */
static void run(unsigned count) {
  if (syscall(__NR_io_uring_enter, ring, count, count, IORING_ENTER_GETEVENTS, NULL, 0) < 0) fail("io_uring_enter");
  unsigned head = *cq_head, tail = __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE);
  for (; head != tail; head++) results[cqes[head & cq_mask].user_data] = cqes[head & cq_mask].res;
  __atomic_store_n(cq_head, head, __ATOMIC_RELEASE);
}

/* Moves one batch; `guess` is how many frames there may be, and becomes a better one. Returns how many it wrote. */
static long move(int from, int to, long limit, int *guess) {
  int asked = *guess < limit ? *guess : limit, lengths[BATCH], got = 0;
  for (int place = 0; place < asked; place++) prepare(IORING_OP_READ, from, place, FRAME_BYTES);
  run(asked);
  for (int place = 0; place < asked; place++) {
    if (results[place] < 0 && results[place] != -EAGAIN) {
      errno = -results[place];
      fail("read");
    }
    lengths[place] = results[place];
    if (results[place] > 0) prepare(IORING_OP_WRITE, to, place, lengths[place]), got++;
  }
  *guess = got == asked ? (asked * 2 < BATCH ? asked * 2 : BATCH) : got < 1 ? 1 : got;
  if (got == 0) return 0;
  run(got);
  long written = 0;
  for (int place = 0; place < asked; place++) written += lengths[place] > 0 && results[place] == lengths[place];
  return written;
}

static long long nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Relays both ways until standard input ends. */
static void relay(int fds[2]) {
  struct pollfd watched[] = {{fds[0], POLLIN, 0}, {fds[1], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  int guesses[2] = {1, 1};
  while (poll(watched, 3, -1) > 0 && watched[2].revents == 0) {
    if (watched[0].revents) move(0, 1, BATCH, &guesses[0]);
    if (watched[1].revents) move(1, 0, BATCH, &guesses[1]);
  }
}

/* One measurement for each line of input. */
static void measure(int fds[2], long count) {
  char line[16];
  int guess = 1;
  while (fgets(line, sizeof line, stdin)) {
    long long wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    struct pollfd watched = {fds[0], POLLIN, 0};
    for (long left = count; left > 0;) {
      if (poll(&watched, 1, 2000) != 1) fail("no more frames");
      left -= move(0, 1, left, &guess);
    }
    wall = nanoseconds(CLOCK_MONOTONIC) - wall;
    cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%lld %lld\n", wall, cpu);
    fflush(stdout);
  }
}

int main(int argc, char **argv) {
  short kind = IFF_TAP;
  unsigned long offloads = 0;
  long count = 0;
  for (int option; (option = getopt(argc, argv, "to:c:")) != -1;) {
    if (option == 't') kind = IFF_TUN;
    else if (option == 'o') offloads = strtoul(optarg, NULL, 0);
    else if (option == 'c') count = atol(optarg);
    else return 2;
  }
  if (argc - optind != 2) return 2;
  int fds[2] = {open_device(argv[optind], kind, offloads), open_device(argv[optind + 1], kind, offloads)};
  open_ring(fds);
  puts("ready");
  fflush(stdout);
  if (count > 0) measure(fds, count);
  else relay(fds);
  return 0;
}
