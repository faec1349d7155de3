/* Relaying by poll(): what both plain relays have in common. Each defines how frames are moved. */
#ifndef POLLED_H
#define POLLED_H
#include "tun.h"
#include <poll.h>

enum { READS_PER_POLL = 64 };

/* Moves what is queued, `limit` frames at most. Returns how many it has dealt with. */
static long move(int from, int to, long limit);

static void prepare(int a, int b) {
  (void)a, (void)b;
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
#endif
