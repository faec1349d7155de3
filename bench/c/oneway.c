/*
 * One way: UDP datagrams to ADDRESS, port 2001, each with the time at which it was sent; the other end asks the kernel when
 * each came in, so that nobody's waiting for a core is measured but the relay's. Both ends are on one machine.
 *
 *   oneway -l          receives; for each line of standard input prints the nanoseconds that each datagram since the
 *                      last line took, in one line
 *   oneway ADDRESS     sends; for each line of standard input, `COUNT MICROSECONDS`, so many so far apart
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 2001, QUEUE_BYTES = 1 << 24 };

static long long now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Prints what one datagram took; returns 0 when there is none. */
static int receive(int fd) {
  long long sent;
  char control[CMSG_SPACE(sizeof(struct timespec))];
  struct iovec bytes = {&sent, sizeof sent};
  struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
  if (length < 0) return 0;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (length != sizeof sent || !header || header->cmsg_type != SCM_TIMESTAMPNS) return 1;
  struct timespec came;
  memcpy(&came, CMSG_DATA(header), sizeof came);
  printf("%lld ", came.tv_sec * 1000000000LL + came.tv_nsec - sent);
  return 1;
}

/* Datagrams wait in the socket until they are asked for. */
static int listen_for(int fd) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  int yes = 1, room = QUEUE_BYTES;
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) < 0) return 1;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0) return 1;
  if (bind(fd, (struct sockaddr *)&here, sizeof here) < 0) return 1;
  puts("ready");
  fflush(stdout);
  for (char line[64]; fgets(line, sizeof line, stdin);) {
    while (receive(fd));
    putchar('\n');
    fflush(stdout);
  }
  return 0;
}

static int send_to(int fd, const char *address) {
  struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  if (inet_pton(AF_INET, address, &there.sin_addr) != 1) return 2;
  puts("ready");
  fflush(stdout);
  for (char line[64]; fgets(line, sizeof line, stdin);) {
    long long count = 0, gap = 0, start = now(CLOCK_MONOTONIC);
    if (sscanf(line, "%lld %lld", &count, &gap) != 2 || count < 1 || gap < 1) return 2;
    for (long long i = 0; i < count; i++) {
      long long sent = now(CLOCK_REALTIME);
      sendto(fd, &sent, sizeof sent, 0, (struct sockaddr *)&there, sizeof there);
      long long left = start + (i + 1) * gap * 1000 - now(CLOCK_MONOTONIC);
      if (left > 0) nanosleep(&(struct timespec){left / 1000000000, left % 1000000000}, NULL);
    }
    puts("sent");
    fflush(stdout);
  }
  return 0;
}

int main(int argc, char **argv) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (argc != 2 || fd < 0) return 2;
  int failed = strcmp(argv[1], "-l") == 0 ? listen_for(fd) : send_to(fd, argv[1]);
  if (failed == 1) perror("UDP port 2001");
  return failed;
}
