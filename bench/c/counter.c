/*
 * Counts what one thread does, by the processor's own counters (perf_event_open), kernel and user.
 *
 *   counter PID [task-clock]   instructions; or nanoseconds of CPU time, which every kernel can count
 *
 * Prints `ready`; each line of standard input is answered with the count so far. Ends with 1 where there are no counters.
 */
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  int is_clock = argc > 2 && strcmp(argv[2], "task-clock") == 0;
  struct perf_event_attr event = {
      .type = is_clock ? PERF_TYPE_SOFTWARE : PERF_TYPE_HARDWARE,
      .size = sizeof event,
      .config = is_clock ? PERF_COUNT_SW_TASK_CLOCK : PERF_COUNT_HW_INSTRUCTIONS,
      .exclude_hv = 1,
  };
  int fd = syscall(SYS_perf_event_open, &event, atoi(argv[1]), -1, -1, 0);
  if (fd < 0) {
    perror("perf_event_open");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  char line[16];
  while (fgets(line, sizeof line, stdin)) {
    uint64_t count;
    if (read(fd, &count, sizeof count) != sizeof count) return 1;
    printf("%llu\n", (unsigned long long)count);
    fflush(stdout);
  }
  return 0;
}
