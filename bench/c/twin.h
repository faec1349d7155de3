/*
 * What every twin has in common: a twin does in C what a part of tapline does, over the same frames in the same places.
 *
 * Standard input: u32 COUNT, STRIDE, OFFSET, then COUNT times u32 LENGTH and the frame, all of this machine's byte order.
 * Then lines:
 *
 *   sample MS   runs for so many milliseconds; answers with the median of its runs over all frames, in nanoseconds
 *   answers     one number for each frame: what the twin made of it, to be compared with what tapline makes of it
 *
 * A twin defines `run`, over all frames, and `answer`, of one.
 */
#ifndef TWIN_H
#define TWIN_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FRAME_LIMIT = 4096, SAMPLE_LIMIT = 1 << 20 };

struct frame {
  const uint8_t *bytes;
  uint32_t length;
};

static struct frame frames[FRAME_LIMIT];
static uint32_t frame_count;
/* Slots of frame_stride bytes; a frame begins frame_offset bytes behind its slot. */
static uint8_t *frame_memory;
static uint32_t frame_stride, frame_offset;

static void run(void);
static uint64_t answer(uint32_t index);

static uint32_t read_u32(void) {
  uint32_t value;
  if (fread(&value, sizeof value, 1, stdin) != 1) exit(1);
  return value;
}

static void read_frames(void) {
  frame_count = read_u32();
  frame_stride = read_u32();
  frame_offset = read_u32();
  if (frame_count == 0 || frame_count > FRAME_LIMIT || frame_stride > 1 << 17 || frame_offset > frame_stride) exit(2);
  frame_memory = aligned_alloc(64, (((size_t)frame_count + 1) * frame_stride + 63) / 64 * 64);
  if (!frame_memory) exit(1);
  for (uint32_t i = 0; i < frame_count; i++) {
    uint32_t length = read_u32();
    uint8_t *bytes = frame_memory + (size_t)i * frame_stride + frame_offset;
    if (length == 0 || length > frame_stride - frame_offset || fread(bytes, length, 1, stdin) != 1) exit(2);
    frames[i] = (struct frame){bytes, length};
  }
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void sample(int64_t nanoseconds) {
  static int64_t times[SAMPLE_LIMIT];
  size_t count = 0;
  for (int64_t start = now(), before = start, after; count < SAMPLE_LIMIT; before = after) {
    run();
    __asm__ volatile("" ::: "memory");
    after = now();
    times[count++] = after - before;
    if (after - start >= nanoseconds) break;
  }
  qsort(times, count, sizeof times[0], ascending);
  printf("%lld\n", (long long)times[count / 2]);
}

int main(void) {
  read_frames();
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    if (strncmp(line, "sample ", 7) == 0) sample(atoll(line + 7) * 1000000);
    else {
      run();
      for (uint32_t i = 0; i < frame_count; i++) printf("%llu ", (unsigned long long)answer(i));
      putchar('\n');
    }
    fflush(stdout);
  }
  return 0;
}
#endif
