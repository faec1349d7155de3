/*
 * One way from host to host: datagrams from the namespace of process FROM to ADDRESS in that of process TO, stamped when
 * they are handed to the kernel here, and by the kernel when they arrive there. For each line of standard input,
 * `COUNT MICROSECONDS`, sends so many so far apart, waits 500 ms for the last ones, and prints how long those took that
 * arrived, in nanoseconds, in one line.
 *
 *   oneWay FROM TO ADDRESS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { COUNT_LIMIT = 65536, TAIL_NS = 500000000, PORT = 3000 };

struct probe {
  unsigned run, sequence;
  long long sent_at;
};

static long long times[COUNT_LIMIT];
static unsigned run;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long long now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* A UDP socket in the network namespace of a process. */
static int open_socket(const char *pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/ns/net", pid);
  int ns = open(path, O_RDONLY | O_CLOEXEC);
  if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) fail(path);
  close(ns);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  return fd;
}

static void drain(int fd) {
  for (;;) {
    struct probe probe;
    char control[128];
    struct iovec whole = {&probe, sizeof probe};
    struct msghdr message = {.msg_iov = &whole, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(fd, &message, 0) != sizeof probe) return;
    struct cmsghdr *stamp = CMSG_FIRSTHDR(&message);
    if (!stamp || stamp->cmsg_type != SCM_TIMESTAMPNS || probe.run != run || probe.sequence >= COUNT_LIMIT) continue;
    struct timespec arrived;
    memcpy(&arrived, CMSG_DATA(stamp), sizeof arrived);
    times[probe.sequence] = arrived.tv_sec * 1000000000LL + arrived.tv_nsec - probe.sent_at;
  }
}

/* Takes what has come, every millisecond, until `until`. */
static void wait_until(int fd, long long until) {
  for (long long at; (at = now(CLOCK_MONOTONIC)) < until; drain(fd)) {
    long long next = at + 1000000 < until ? at + 1000000 : until;
    struct timespec time = {next / 1000000000, next % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR);
  }
}

int main(int argc, char **argv) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  if (argc != 4 || inet_pton(AF_INET, argv[3], &to.sin_addr) != 1) return 2;
  int receiver = open_socket(argv[2]), on = 1;
  if (setsockopt(receiver, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0) fail("SO_TIMESTAMPNS");
  if (bind(receiver, (struct sockaddr *)&to, sizeof to) < 0) fail("bind");
  int sender = open_socket(argv[1]);
  puts("ready");
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    long long count = 0, gap = 0;
    if (sscanf(line, "%lld %lld", &count, &gap) != 2 || count < 1 || count > COUNT_LIMIT || gap < 1) return 2;
    memset(times, 0, sizeof times);
    run++;
    long long start = now(CLOCK_MONOTONIC);
    for (int i = 0; i < count; i++) {
      struct probe probe = {run, i, now(CLOCK_REALTIME)};
      /* What the device refuses is a probe that did not arrive. */
      (void)!sendto(sender, &probe, sizeof probe, 0, (struct sockaddr *)&to, sizeof to);
      wait_until(receiver, start + (i + 1) * gap * 1000);
    }
    wait_until(receiver, now(CLOCK_MONOTONIC) + TAIL_NS);
    for (int i = 0; i < count; i++) {
      if (times[i] != 0) printf("%lld ", times[i]);
    }
    putchar('\n');
    fflush(stdout);
  }
  return 0;
}
