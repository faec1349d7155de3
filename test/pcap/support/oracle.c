// libpcap as the oracle: compiles expressions without optimisation, and runs them on packets.
//
//   oracle DLT PACKETS TRUNCATION…        expressions come by stdin, one a line
//   oracle DLT PACKETS -p TRUNCATION…     programs instead: code jt jf k, …, one program a line
//
// PACKETS: u32 count; for each u32 captured, u32 wire, bytes. Answer to each line: u8 accepted; if so u32 instructions,
// those (u16 u8 u8 u32), and for each truncation one bit per packet, low bits first, filled up to whole bytes. All
// numbers are little-endian. A truncation of 0xffffffff is none. -v prints the version and ends.
#include <pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct packet { uint32_t captured, wire; const u_char *bytes; };

static struct packet *packets;
static uint32_t packet_count;
static char line[4 << 20];

static void *take(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) exit(2);
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  u_char *bytes = malloc(size);
  if (fread(bytes, 1, size, file) != (size_t)size) exit(2);
  fclose(file);
  return bytes;
}

static void read_packets(const char *path) {
  const u_char *at = take(path);
  memcpy(&packet_count, at, 4);
  at += 4;
  packets = calloc(packet_count + 1, sizeof *packets);
  for (uint32_t i = 0; i < packet_count; i++) {
    memcpy(&packets[i], at, 8);
    packets[i].bytes = at + 8;
    at += 8 + packets[i].captured;
  }
}

static void answer(const struct bpf_program *program, int cuts, char **cut) {
  fputc(1, stdout);
  uint32_t count = program->bf_len;
  fwrite(&count, 4, 1, stdout);
  fwrite(program->bf_insns, 8, count, stdout);
  for (int c = 0; c < cuts; c++) {
    uint32_t limit = strtoul(cut[c], NULL, 0);
    u_char bits = 0;
    for (uint32_t i = 0; i < packet_count; i++) {
      const struct packet *p = &packets[i];
      uint32_t captured = p->captured < limit ? p->captured : limit;
      if (bpf_filter(program->bf_insns, p->bytes, p->wire, captured)) bits |= 1 << (i & 7);
      if ((i & 7) == 7 || i + 1 == packet_count) { fputc(bits, stdout); bits = 0; }
    }
  }
}

static int parse(const char *text, struct bpf_program *program) {
  static struct bpf_insn code[1 << 16];
  uint32_t count = 0;
  unsigned long field[4];
  char *next;
  for (;;) {
    for (int f = 0; f < 4; f++) {
      field[f] = strtoul(text, &next, 10);
      if (next == text) goto end;
      text = next;
    }
    code[count++] = (struct bpf_insn){ field[0], field[1], field[2], field[3] };
  }
end:
  program->bf_len = count;
  program->bf_insns = code;
  return bpf_validate(code, count);
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "-v")) return puts(pcap_lib_version()) < 0;
  if (argc < 4) return 2;
  int programs = !strcmp(argv[3], "-p");
  char **cut = argv + 3 + programs;
  int cuts = argc - 3 - programs;
  // A walk through headers that lead back to themselves never ends in libpcap.
  alarm(240);
  read_packets(argv[2]);
  pcap_t *pcap = pcap_open_dead(atoi(argv[1]), 262144);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    struct bpf_program program;
    if (programs) {
      if (parse(line, &program)) answer(&program, cuts, cut);
      else fputc(0, stdout);
    } else if (pcap_compile(pcap, &program, line, 0, PCAP_NETMASK_UNKNOWN) == 0) {
      answer(&program, cuts, cut);
      pcap_freecode(&program);
    } else fputc(0, stdout);
  }
  return 0;
}
