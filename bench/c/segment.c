/*
 * The yardstick for cutting: one TCP super-packet over IPv4 into MTU slots, headers stamped and checksums complete, as
 * plainly as C allows: copy, stamp, add 32-bit words up.
 *
 *   segment BYTES GSO_SIZE COUNT
 *
 * BYTES of frame with Ethernet, IPv4 and TCP with a timestamp option: 66 bytes of headers. For each line on standard
 * input it cuts the frame COUNT times and prints the nanoseconds that one took; at the start it prints `ready`.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { IP = 14, TCP = 34, HEADERS = 66, STRIDE = 1856, SLOTS = 256, FIN_PSH = 9, CWR = 0x80 };

static uint8_t frame[65600];
static uint8_t slots[SLOTS * STRIDE];

static uint64_t sum(const uint8_t *bytes, size_t count, uint64_t total) {
  uint32_t word;
  for (; count >= 4; bytes += 4, count -= 4) {
    memcpy(&word, bytes, 4);
    total += word;
  }
  word = 0;
  memcpy(&word, bytes, count);
  return total + word;
}

static uint16_t folded(uint64_t total) {
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return (uint16_t)~total;
}

static void put16(uint8_t *at, uint16_t value) {
  value = htons(value);
  memcpy(at, &value, 2);
}

static uint16_t get16(const uint8_t *at) {
  uint16_t value;
  memcpy(&value, at, 2);
  return ntohs(value);
}

static void stamp(uint8_t *segment, size_t bytes, int number, size_t position, int is_last) {
  uint16_t checksum;
  uint32_t sequence;
  put16(segment + IP + 2, (uint16_t)(bytes - IP));
  put16(segment + IP + 4, (uint16_t)(get16(frame + IP + 4) + number));
  memset(segment + IP + 10, 0, 2);
  checksum = folded(sum(segment + IP, TCP - IP, 0));
  memcpy(segment + IP + 10, &checksum, 2);
  memcpy(&sequence, frame + TCP + 4, 4);
  sequence = htonl(ntohl(sequence) + (uint32_t)position);
  memcpy(segment + TCP + 4, &sequence, 4);
  if (!is_last) segment[TCP + 13] &= (uint8_t)~FIN_PSH;
  if (number > 0) segment[TCP + 13] &= (uint8_t)~CWR;
  memset(segment + TCP + 16, 0, 2);
  checksum = folded(sum(segment + TCP, bytes - TCP, sum(segment + IP + 12, 8, htons(6) + htons((uint16_t)(bytes - TCP)))));
  memcpy(segment + TCP + 16, &checksum, 2);
}

static int cut(size_t length, size_t size) {
  int number = 0;
  for (size_t position = 0; position < length - HEADERS; position += size, number++) {
    size_t left = length - HEADERS - position;
    size_t bytes = left < size ? left : size;
    uint8_t *segment = slots + number % SLOTS * STRIDE;
    memcpy(segment, frame, HEADERS);
    memcpy(segment + HEADERS, frame + HEADERS + position, bytes);
    stamp(segment, HEADERS + bytes, number, position, left <= size);
  }
  return number;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv) {
  char line[64];
  size_t length = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
  size_t size = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
  long count = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
  if (length <= HEADERS || length > sizeof frame || size == 0 || size > STRIDE - HEADERS || count <= 0) {
    fprintf(stderr, "usage: segment BYTES GSO_SIZE COUNT\n");
    return 2;
  }
  for (size_t at = 0; at < length; at++) frame[at] = (uint8_t)(at * 7);
  printf("ready\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    double start = now();
    int segments = 0;
    for (long i = 0; i < count; i++) segments += cut(length, size);
    printf("%.0f %d\n", (now() - start) / (double)count, segments);
    fflush(stdout);
  }
  return 0;
}
