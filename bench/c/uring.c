/*
 * The second yardstick: a relay between two TAP devices over one io_uring, by system calls alone. Each device has a
 * multishot read (Linux 6.7) that takes its buffers from a ring of its own; each frame that was read is written from where
 * it lies, and its buffer goes back into the ring when the write has completed. One io_uring_enter() per batch. tun.h has
 * its command line.
 */
#define _GNU_SOURCE
#include "tun.h"
#include <linux/io_uring.h>
#include <poll.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum {
  SUBMISSIONS = 1024,
  COMPLETIONS = 4096,
  BUFFERS = 256,                       /* of each port: the largest batch */
  BUFFER_BYTES = VNET_BYTES + FRAME_BYTES,
  READ_MULTISHOT = 49,                 /* IORING_OP_READ_MULTISHOT; older headers lack it */
  KIND_READ = 0, KIND_WRITE = 1, KIND_POLL = 2, /* user_data: kind << 24 | port << 16 | buffer */
};

struct port {
  int in, out; /* descriptors: read here, written there */
  char *buffers;
  struct io_uring_buf_ring *ring;
  uint16_t tail;
  int is_armed;
};

static int ring_fd;
static unsigned *sq_head, *sq_tail, *sq_mask, *cq_head, *cq_tail, *cq_mask;
static struct io_uring_sqe *entries;
static struct io_uring_cqe *completions;
static unsigned to_submit;
static struct port ports[2];
static long written; /* frames that the second device took */
static int is_over;

static void *map(size_t bytes, off_t offset) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring_fd, offset);
  if (memory == MAP_FAILED) fail("mmap");
  return memory;
}

static void open_ring(void) {
  struct io_uring_params params = {
      .flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
      .cq_entries = COMPLETIONS,
  };
  ring_fd = syscall(SYS_io_uring_setup, SUBMISSIONS, &params);
  if (ring_fd < 0) fail("io_uring_setup");
  char *sq = map(params.sq_off.array + params.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
  char *cq = map(params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
  entries = map(params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
  sq_head = (unsigned *)(sq + params.sq_off.head);
  sq_tail = (unsigned *)(sq + params.sq_off.tail);
  sq_mask = (unsigned *)(sq + params.sq_off.ring_mask);
  cq_head = (unsigned *)(cq + params.cq_off.head);
  cq_tail = (unsigned *)(cq + params.cq_off.tail);
  cq_mask = (unsigned *)(cq + params.cq_off.ring_mask);
  completions = (struct io_uring_cqe *)(cq + params.cq_off.cqes);
  unsigned *array = (unsigned *)(sq + params.sq_off.array);
  for (unsigned i = 0; i < params.sq_entries; i++) array[i] = i;
}

static void enter(unsigned wait) {
  int done = syscall(SYS_io_uring_enter, ring_fd, to_submit, wait, IORING_ENTER_GETEVENTS, NULL, 0);
  if (done < 0 && errno != EINTR && errno != EBUSY) fail("io_uring_enter");
  if (done > 0) to_submit -= done;
}

/* Room for one more submission; what is waiting is submitted when there is none. */
static struct io_uring_sqe *next_entry(void) {
  while (*sq_tail - __atomic_load_n(sq_head, __ATOMIC_ACQUIRE) == SUBMISSIONS) enter(0);
  struct io_uring_sqe *entry = &entries[*sq_tail & *sq_mask];
  memset(entry, 0, sizeof *entry);
  __atomic_store_n(sq_tail, *sq_tail + 1, __ATOMIC_RELEASE);
  to_submit++;
  return entry;
}

static void give_back(struct port *port, unsigned buffer) {
  struct io_uring_buf *slot = &port->ring->bufs[port->tail & (BUFFERS - 1)];
  slot->addr = (uintptr_t)(port->buffers + (size_t)buffer * BUFFER_BYTES);
  slot->len = BUFFER_BYTES;
  slot->bid = buffer;
  __atomic_store_n(&port->ring->tail, ++port->tail, __ATOMIC_RELEASE);
}

static void open_port(unsigned number, int in, int out) {
  struct port *port = &ports[number];
  int access = PROT_READ | PROT_WRITE, kind = MAP_PRIVATE | MAP_ANONYMOUS;
  *port = (struct port){.in = in, .out = out};
  port->ring = mmap(NULL, BUFFERS * sizeof(struct io_uring_buf), access, kind, -1, 0);
  port->buffers = mmap(NULL, (size_t)BUFFERS * BUFFER_BYTES, access, kind, -1, 0);
  if (port->ring == MAP_FAILED || port->buffers == MAP_FAILED) fail("mmap");
  struct io_uring_buf_reg group = {.ring_addr = (uintptr_t)port->ring, .ring_entries = BUFFERS, .bgid = number};
  if (syscall(SYS_io_uring_register, ring_fd, IORING_REGISTER_PBUF_RING, &group, 1) < 0) fail("buffer ring");
  for (unsigned buffer = 0; buffer < BUFFERS; buffer++) give_back(port, buffer);
}

static void arm(unsigned number) {
  struct io_uring_sqe *entry = next_entry();
  entry->opcode = READ_MULTISHOT;
  entry->flags = IOSQE_BUFFER_SELECT;
  entry->fd = ports[number].in;
  entry->off = -1;
  entry->buf_group = number;
  entry->user_data = KIND_READ << 24 | number << 16;
  ports[number].is_armed = 1;
}

static void write_frame(unsigned number, unsigned buffer, int bytes) {
  struct io_uring_sqe *entry = next_entry();
  entry->opcode = IORING_OP_WRITE;
  entry->fd = ports[number].out;
  entry->off = -1;
  entry->addr = (uintptr_t)(ports[number].buffers + (size_t)buffer * BUFFER_BYTES);
  entry->len = bytes;
  entry->user_data = KIND_WRITE << 24 | number << 16 | buffer;
}

static void complete(const struct io_uring_cqe *completion) {
  unsigned kind = completion->user_data >> 24, number = completion->user_data >> 16 & 0xff;
  struct port *port = &ports[number];
  if (kind == KIND_POLL) is_over = 1;
  else if (kind == KIND_WRITE) {
    if (completion->res > 0 && number == 0) written++;
    give_back(port, completion->user_data & 0xffff);
  } else {
    if (!(completion->flags & IORING_CQE_F_MORE)) port->is_armed = 0;
    if (completion->res > 0) write_frame(number, completion->flags >> IORING_CQE_BUFFER_SHIFT, completion->res);
    else if (completion->res < 0 && completion->res != -ENOBUFS && completion->res != -EAGAIN) {
      errno = -completion->res;
      fail("read");
    }
  }
}

/* One batch: submits what is waiting, waits for a completion, and takes all that there are. */
static void turn(void) {
  for (unsigned number = 0; number < 2; number++) {
    if (!ports[number].is_armed) arm(number);
  }
  enter(1);
  unsigned head = *cq_head, tail = __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE);
  for (; head != tail; head++) complete(&completions[head & *cq_mask]);
  __atomic_store_n(cq_head, head, __ATOMIC_RELEASE);
}

/* Multishot reads came with Linux 6.7. */
static void check_kernel(void) {
  struct {
    struct io_uring_probe head;
    struct io_uring_probe_op ops[READ_MULTISHOT + 1];
  } probe = {0};
  int failed = syscall(SYS_io_uring_register, ring_fd, IORING_REGISTER_PROBE, &probe, READ_MULTISHOT + 1) < 0;
  if (!failed && probe.head.last_op >= READ_MULTISHOT && probe.ops[READ_MULTISHOT].flags & IO_URING_OP_SUPPORTED) return;
  fputs("this kernel has no multishot read for io_uring (Linux 6.7)\n", stderr);
  exit(1);
}

static void prepare(int a, int b) {
  open_ring();
  check_kernel();
  open_port(0, a, b);
  open_port(1, b, a);
}

static void relay(int a, int b) {
  (void)a, (void)b;
  struct io_uring_sqe *entry = next_entry();
  entry->opcode = IORING_OP_POLL_ADD;
  entry->fd = STDIN_FILENO;
  entry->poll32_events = POLLIN;
  entry->user_data = KIND_POLL << 24;
  while (!is_over) turn();
}

static void relay_counted(int a, int b, long count) {
  (void)a, (void)b;
  for (long goal = written + count; written < goal;) turn();
}
