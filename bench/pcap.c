// Yardsticks for pcap filters: libpcap's interpreter, and the same program compiled by gcc, which is what an ideal
// compiler makes of it. Built by bench/pcap.js with a generated program.h: `insns`, `insn_count` and `compiled()`.
//
//   pcap PACKETS MILLISECONDS     prints ns per packet: interpreter, compiled, and how many packets match
#include <pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "program.h"

struct packet { uint32_t captured, wire; const uint8_t *bytes; };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  FILE *file = fopen(argv[1], "rb");
  if (!file) return 2;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  uint8_t *all = malloc(size), *at = all;
  if (fread(all, 1, size, file) != (size_t)size) return 2;
  uint32_t count;
  memcpy(&count, at, 4);
  at += 4;
  struct packet *packets = calloc(count, sizeof *packets);
  for (uint32_t i = 0; i < count; i++) {
    memcpy(&packets[i], at, 8);
    packets[i].bytes = at + 8;
    at += 8 + packets[i].captured;
  }
  double best[2] = { 1e18, 1e18 }, end = now() + atof(argv[2]) * 1e6;
  uint32_t matches[2] = { 0, 0 };
  do {
    for (int which = 0; which < 2; which++) {
      uint32_t found = 0;
      double start = now();
      for (uint32_t i = 0; i < count; i++) {
        const struct packet *p = &packets[i];
        found += (which ? compiled(p->bytes, p->wire, p->captured) : bpf_filter(insns, p->bytes, p->wire, p->captured)) != 0;
      }
      double ns = (now() - start) / count;
      if (ns < best[which]) best[which] = ns;
      matches[which] = found;
    }
  } while (now() < end);
  if (matches[0] != matches[1]) return 3;
  printf("%f %f %u\n", best[0], best[1], matches[0]);
  return 0;
}
