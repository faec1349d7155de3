/*
 * The yardstick: the plainest relay between two TAP devices that C allows. poll(), then non-blocking read() and write(),
 * one frame per call; the virtio header goes through as it came, so super-packets pass whole. tun.h has its command line.
 */
#define _GNU_SOURCE
#include "tun.h"
#include <poll.h>

enum { READS_PER_POLL = 64 };

static char frame[FRAME_BYTES];

static void prepare(int a, int b) {
  (void)a, (void)b;
}

/* Moves what is queued, `limit` frames at most. Returns how many it wrote. */
static long move(int from, int to, long limit) {
  long written = 0;
  for (long i = 0; i < limit; i++) {
    ssize_t bytes = read(from, frame, sizeof frame);
    if (bytes < 0) {
      if (errno == EAGAIN) break;
      fail("read");
    }
    if (write(to, frame, bytes) == bytes) written++;
  }
  return written;
}

static void relay(int a, int b) {
  struct pollfd watched[] = {{a, POLLIN, 0}, {b, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  while (poll(watched, 3, -1) > 0 && watched[2].revents == 0) {
    if (watched[0].revents) move(a, b, READS_PER_POLL);
    if (watched[1].revents) move(b, a, READS_PER_POLL);
  }
}

static void relay_counted(int a, int b, long count) {
  struct pollfd watched = {a, POLLIN, 0};
  for (long left = count; left > 0;) {
    if (poll(&watched, 1, 2000) != 1) fail("no more frames");
    left -= move(a, b, left < READS_PER_POLL ? left : READS_PER_POLL);
  }
}
