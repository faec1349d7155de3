/*
 * The yardstick: the plainest relay between two TAP devices that C allows. poll(), then non-blocking read() and write(),
 * one frame per call; the virtio header goes through as it came, so super-packets pass whole. tun.h has its command line.
 */
#define _GNU_SOURCE
#include "polled.h"

static char frame[FRAME_BYTES];

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
