/*
 * The host at the sending end: UDP over IPv4 from 10.0.0.1:1000 to 10.0.0.2:2000, in Ethernet frames of BYTES (42 at
 * least), put into DEVICE by AF_PACKET and sendmmsg, past the queueing discipline. With FLOWS (1 to 64) frames come from so
 * many ports in turn, from 1000 on.
 *
 *   generate DEVICE BYTES [FLOWS]    for each line of standard input:
 *
 *     COUNT                          so many frames, as fast as the device takes them
 *     COUNT RATE                     so many, RATE of them per second, in bursts of a millisecond
 *     0 RATE MILLISECONDS            for so long; RATE 0: as fast as the device takes them
 *
 * Answers each with `OFFERED TAKEN NANOSECONDS`. A device whose queue is full refuses a frame; that frame is not offered
 * again.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

enum { BURST = 64, HEADERS = 42 };

static unsigned char frame[65600] = {
    2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,                             /* Ethernet */
    0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, /* IPv4 */
    1000 >> 8, 1000 & 255, 2000 >> 8, 2000 & 255, 0, 0, 0, 0,             /* UDP, without a checksum */
};
static unsigned char headers[BURST][HEADERS];
static struct iovec parts[BURST][2];
static struct mmsghdr messages[BURST];
static long long offered, taken;

static void put16(int offset, unsigned value) {
  frame[offset] = value >> 8;
  frame[offset + 1] = value;
}

static void finish(int bytes, int flows) {
  put16(16, bytes - 14);
  put16(38, bytes - 34);
  unsigned sum = 0;
  for (int i = 14; i < 34; i += 2) sum += frame[i] << 8 | frame[i + 1];
  sum = (sum & 0xffff) + (sum >> 16);
  put16(24, ~(sum + (sum >> 16)) & 0xffff);
  for (int i = 0; i < BURST; i++) {
    put16(34, 1000 + i % flows);
    memcpy(headers[i], frame, HEADERS);
    parts[i][0] = (struct iovec){headers[i], HEADERS};
    parts[i][1] = (struct iovec){frame + HEADERS, bytes - HEADERS};
  }
}

static int open_socket(const char *device) {
  static struct sockaddr_ll to = {.sll_family = AF_PACKET};
  int fd = socket(AF_PACKET, SOCK_RAW, 0), bypass = 1;
  to.sll_ifindex = if_nametoindex(device);
  to.sll_protocol = htons(ETH_P_IP);
  if (fd < 0 || to.sll_ifindex == 0 || setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof bypass) < 0) {
    perror(device);
    exit(1);
  }
  for (int i = 0; i < BURST; i++) messages[i].msg_hdr = (struct msghdr){&to, sizeof to, parts[i], 2, NULL, 0, 0};
  return fd;
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Offers `count` frames, BURST at most. */
static void offer(int fd, int count) {
  int sent = sendmmsg(fd, messages, count, 0);
  if (sent < 0 && errno != ENOBUFS && errno != EAGAIN && errno != EINTR) {
    perror("sendmmsg");
    exit(1);
  }
  /* It stops at the first frame that was refused; without one it took fewer because it was interrupted. */
  if (sent > 0) taken += sent;
  offered += sent < 0 ? 1 : sent;
}

static void flood(int fd, long long count, long long end) {
  long long goal = offered + count;
  while ((count == 0 || offered < goal) && (end == 0 || now() < end)) {
    offer(fd, count != 0 && goal - offered < BURST ? (int)(goal - offered) : BURST);
  }
}

/* The frames that are due at each millisecond; one that comes late brings all that are due. */
static void pace(int fd, long long count, long long end, long long rate) {
  long long start = now(), first = offered;
  for (long long at = start; (count == 0 || offered - first < count) && (end == 0 || at < end);) {
    at += 1000000;
    struct timespec until = {at / 1000000000, at % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR);
    long long due = (long long)((double)(at - start) * rate / 1e9) - (offered - first);
    if (count != 0 && due > count - (offered - first)) due = count - (offered - first);
    if (due > 0) flood(fd, due, 0);
  }
}

int main(int argc, char **argv) {
  int bytes = argc == 3 || argc == 4 ? atoi(argv[2]) : 0, flows = argc == 4 ? atoi(argv[3]) : 1;
  if (bytes < HEADERS || bytes > (int)sizeof frame || flows < 1 || flows > BURST) return 2;
  finish(bytes, flows);
  int fd = open_socket(argv[1]);
  puts("ready");
  fflush(stdout);
  char line[96];
  while (fgets(line, sizeof line, stdin)) {
    long long count = 0, rate = 0, milliseconds = 0;
    sscanf(line, "%lld %lld %lld", &count, &rate, &milliseconds);
    if (count == 0 && milliseconds == 0) return 2;
    long long start = now(), end = milliseconds == 0 ? 0 : start + milliseconds * 1000000;
    offered = taken = 0;
    if (rate > 0) pace(fd, count, end, rate);
    else flood(fd, count, end);
    printf("%lld %lld %lld\n", offered, taken, now() - start);
    fflush(stdout);
  }
  return 0;
}
