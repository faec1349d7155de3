/*
 * Round trips: ICMP echo requests to ADDRESS, each answered by the kernel over there. For each line of standard input,
 * `COUNT MICROSECONDS`, sends so many so far apart, waits 200 ms for the last answers, and prints the round-trip times of
 * those that were answered, in nanoseconds, in one line.
 *
 *   probe ADDRESS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { COUNT_LIMIT = 65535, TAIL_NS = 200000000 };

static long long sent_at[COUNT_LIMIT + 1], times[COUNT_LIMIT + 1];
static struct sockaddr_in to;
static unsigned short id;

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void request(int fd, int sequence) {
  struct { struct icmphdr header; char data[18]; } packet = {.header = {.type = ICMP_ECHO}};
  packet.header.un.echo.id = htons(id);
  packet.header.un.echo.sequence = htons(sequence);
  unsigned short words[sizeof packet / 2];
  memcpy(words, &packet, sizeof words);
  unsigned sum = 0;
  for (unsigned i = 0; i < sizeof words / 2; i++) sum += words[i];
  sum = (sum & 0xffff) + (sum >> 16);
  packet.header.checksum = ~(sum + (sum >> 16));
  sent_at[sequence] = now();
  if (sendto(fd, &packet, 26, 0, (struct sockaddr *)&to, sizeof to) < 0) sent_at[sequence] = 0;
}

/* Takes what has come, until `until`. */
static void receive(int fd, long long until) {
  unsigned char packet[256];
  for (;;) {
    long long left = until - now();
    struct timespec wait = {left > 0 ? left / 1000000000 : 0, left > 0 ? left % 1000000000 : 0};
    struct pollfd watched = {fd, POLLIN, 0};
    if (ppoll(&watched, 1, &wait, NULL) <= 0) {
      if (now() >= until) return;
      continue;
    }
    ssize_t bytes = recv(fd, packet, sizeof packet, 0);
    long long at = now();
    int header = bytes > 20 ? (packet[0] & 15) * 4 : 256;
    if (bytes < header + 8 || packet[header] != ICMP_ECHOREPLY) continue;
    if ((packet[header + 4] << 8 | packet[header + 5]) != id) continue;
    int sequence = packet[header + 6] << 8 | packet[header + 7];
    if (sent_at[sequence] != 0 && times[sequence] == 0) times[sequence] = at - sent_at[sequence];
  }
}

int main(int argc, char **argv) {
  to.sin_family = AF_INET;
  if (argc != 2 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) return 2;
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (fd < 0) {
    perror("ICMP");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    long long count = 0, gap = 0;
    if (sscanf(line, "%lld %lld", &count, &gap) != 2 || count < 1 || count > COUNT_LIMIT || gap < 1) return 2;
    id = getpid() + now();
    memset(sent_at, 0, sizeof sent_at);
    memset(times, 0, sizeof times);
    long long start = now();
    for (int i = 0; i < count; i++) {
      request(fd, i);
      receive(fd, start + (i + 1) * gap * 1000);
    }
    receive(fd, now() + TAIL_NS);
    for (int i = 0; i < count; i++) {
      if (times[i] != 0) printf("%lld ", times[i]);
    }
    putchar('\n');
    fflush(stdout);
  }
  return 0;
}
