/*
 * How long a datagram takes from one host to the other.
 *
 *   oneWay FROM TO COUNT [flood]   FROM, TO: ids of processes in the hosts' network namespaces. Sends COUNT datagrams from
 *                                  10.0.0.2 to 10.0.0.1:3000, one each millisecond, and prints how many arrived and the
 *                                  median and the 99th percentile of their times in microseconds. With `flood` a thread
 *                                  sends the other way, to a port where nobody reads, as fast as it can meanwhile.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile int flooding = 1;
static long received;
static double *times;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* A UDP socket in the namespace of a process, bound to `port` of all its addresses. */
static int open_socket(const char *pid, int port) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/ns/net", pid);
  int ns = open(path, O_RDONLY | O_CLOEXEC);
  if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) fail(path);
  close(ns);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) < 0) fail("bind");
  return fd;
}

static struct sockaddr_in address(const char *text, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, text, &to.sin_addr);
  return to;
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void *receive(void *argument) {
  int fd = *(int *)argument;
  struct timeval patience = {.tv_sec = 2};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  long long sent;
  while (recv(fd, &sent, sizeof sent, 0) == sizeof sent) times[received++] = (now() - sent) / 1e3;
  return NULL;
}

static void *flood(void *argument) {
  int fd = *(int *)argument;
  struct sockaddr_in to = address("10.0.0.2", 2000);
  char payload[18] = {0};
  while (flooding) sendto(fd, payload, sizeof payload, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
  return NULL;
}

static int ascending(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  long count = atol(argv[3]);
  times = calloc(count, sizeof *times);
  int to = open_socket(argv[2], 3000), from_to = open_socket(argv[2], 0), from = open_socket(argv[1], 0);
  pthread_t receiver, flooder;
  pthread_create(&receiver, NULL, receive, &to);
  if (argc > 4) pthread_create(&flooder, NULL, flood, &from_to);
  struct sockaddr_in target = address("10.0.0.1", 3000);
  for (long i = 0; i < count; i++) {
    usleep(1000);
    long long sent = now();
    sendto(from, &sent, sizeof sent, 0, (struct sockaddr *)&target, sizeof target);
  }
  flooding = 0;
  if (argc > 4) pthread_join(flooder, NULL);
  pthread_join(receiver, NULL);
  qsort(times, received, sizeof *times, ascending);
  printf("%ld %.1f %.1f\n", received, times[received / 2], times[received * 99 / 100]);
  return 0;
}
