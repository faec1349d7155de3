/* Cutting a TCP super-packet over IPv4, as plainly as C allows: copy, stamp, add 32-bit words up. */
#ifndef CUT_H
#define CUT_H
#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

enum { IP = 14, FIN_PSH = 9, CWR = 0x80 };

static inline uint64_t sum(const uint8_t *bytes, size_t count, uint64_t total) {
  uint32_t word;
  for (; count >= 4; bytes += 4, count -= 4) {
    memcpy(&word, bytes, 4);
    total += word;
  }
  word = 0;
  memcpy(&word, bytes, count);
  return total + word;
}

static inline uint16_t folded(uint64_t total) {
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return (uint16_t)~total;
}

static inline void put16(uint8_t *at, uint16_t value) {
  value = htons(value);
  memcpy(at, &value, 2);
}

static inline uint16_t get16(const uint8_t *at) {
  uint16_t value;
  memcpy(&value, at, 2);
  return ntohs(value);
}

/* What a segment has of its own, in headers that are the super-packet's so far; `tcp` is where that header begins. */
static inline void stamp(uint8_t *segment, size_t tcp, size_t bytes, int number, size_t position, int is_last) {
  uint16_t checksum;
  uint32_t sequence;
  put16(segment + IP + 2, (uint16_t)(bytes - IP));
  put16(segment + IP + 4, (uint16_t)(get16(segment + IP + 4) + number));
  memset(segment + IP + 10, 0, 2);
  checksum = folded(sum(segment + IP, tcp - IP, 0));
  memcpy(segment + IP + 10, &checksum, 2);
  memcpy(&sequence, segment + tcp + 4, 4);
  sequence = htonl(ntohl(sequence) + (uint32_t)position);
  memcpy(segment + tcp + 4, &sequence, 4);
  if (!is_last) segment[tcp + 13] &= (uint8_t)~FIN_PSH;
  if (number > 0) segment[tcp + 13] &= (uint8_t)~CWR;
  memset(segment + tcp + 16, 0, 2);
  checksum = folded(sum(segment + tcp, bytes - tcp, sum(segment + IP + 12, 8, htons(6) + htons((uint16_t)(bytes - tcp)))));
  memcpy(segment + tcp + 16, &checksum, 2);
}

/* Makes segment `number` of a frame with so many bytes of headers. Returns its length; 0: there is none. */
static inline size_t cut(const uint8_t *frame, size_t length, size_t headers, size_t gso_size, int number, uint8_t *segment) {
  size_t position = number * gso_size;
  if (position >= length - headers) return 0;
  size_t left = length - headers - position;
  size_t bytes = left < gso_size ? left : gso_size;
  memcpy(segment, frame, headers);
  memcpy(segment + headers, frame + headers + position, bytes);
  stamp(segment, IP + (frame[IP] & 15) * 4, headers + bytes, number, position, left <= gso_size);
  return headers + bytes;
}
#endif
