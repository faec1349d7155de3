/* What both relays have in common: their devices, their command line, and how they are measured. */
#ifndef TUN_H
#define TUN_H
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { VNET_BYTES = 12, FRAME_BYTES = 65600 };

/* Makes ready what is needed beside the devices; ends the program where it cannot. */
static void prepare(int a, int b);
/* Relays both ways until standard input ends. */
static void relay(int a, int b);
/* Relays `count` frames from the first device to the second. */
static void relay_counted(int a, int b, long count);

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

static long long nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* One measurement for each line of input. */
static void measure(int a, int b, long count) {
  char line[16];
  while (fgets(line, sizeof line, stdin)) {
    long long wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    relay_counted(a, b, count);
    wall = nanoseconds(CLOCK_MONOTONIC) - wall;
    cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%lld %lld\n", wall, cpu);
    fflush(stdout);
  }
}

/*
 *   PROGRAM [-o MASK[,MASK]] [-c COUNT] NAME=PID NAME=PID
 *
 *   -o MASK   TUN_F_* offloads of both devices, or of each (default 0)
 *   -c COUNT  measure: for each line on standard input relay COUNT frames from the first device to the second, and print
 *             the wall time and the CPU time of that in nanoseconds
 *   NAME=PID  a TAP device in the network namespace of that process; somebody else takes it up
 *
 * Prints `ready` once the devices exist. Without -c it relays both ways until standard input is closed.
 */
int main(int argc, char **argv) {
  unsigned long offloads[2] = {0, 0};
  long count = 0;
  for (int option; (option = getopt(argc, argv, "o:c:")) != -1;) {
    if (option == 'o') {
      char *rest;
      offloads[0] = offloads[1] = strtoul(optarg, &rest, 0);
      if (*rest == ',') offloads[1] = strtoul(rest + 1, NULL, 0);
    }
    else if (option == 'c') count = atol(optarg);
    else return 2;
  }
  if (argc - optind != 2) return 2;
  int a = open_device(argv[optind], IFF_TAP, offloads[0]);
  int b = open_device(argv[optind + 1], IFF_TAP, offloads[1]);
  prepare(a, b);
  puts("ready");
  fflush(stdout);
  if (count > 0) measure(a, b, count);
  else relay(a, b);
  return 0;
}
#endif
