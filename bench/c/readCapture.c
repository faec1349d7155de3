/*
 * The yardstick for reading captures: libpcap. For each line of standard input it reads PATH from the beginning to the end,
 * and prints how many packets that were, and the CPU time in nanoseconds.
 *
 *   readCapture PATH
 */
#include <pcap.h>
#include <stdio.h>
#include <time.h>

static long long cpu(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv) {
  char line[16], error[PCAP_ERRBUF_SIZE];
  if (argc != 2) return 2;
  while (fgets(line, sizeof line, stdin)) {
    long long start = cpu(), packets = 0;
    volatile unsigned long long bytes = 0;
    struct pcap_pkthdr *header;
    const unsigned char *packet;
    pcap_t *capture = pcap_open_offline(argv[1], error);
    if (!capture) {
      fprintf(stderr, "%s\n", error);
      return 1;
    }
    while (pcap_next_ex(capture, &header, &packet) == 1) {
      bytes += header->caplen;
      packets++;
    }
    pcap_close(capture);
    printf("%lld %lld\n", packets, cpu() - start);
    fflush(stdout);
  }
  return 0;
}
