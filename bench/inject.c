/*
 * The hosts at both ends of a relay benchmark.
 *
 *   inject DEVICE COUNT BYTES   puts frames into the queue of a TAP device, as a host behind it would send them: UDP over
 *                               IPv4 from 10.0.0.1:1000 to 10.0.0.2:2000, BYTES of Ethernet frame (42 at least), past
 *                               the queueing discipline. Ends with 1 when the device did not take them all.
 *   inject sink                 binds UDP port 2000 and never reads: frames go all the way up the receiver's stack
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static unsigned char frame[65600] = {
    2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,                                  /* Ethernet */
    0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,      /* IPv4 */
    1000 >> 8, 1000 & 255, 2000 >> 8, 2000 & 255, 0, 0, 0, 0,                  /* UDP, without a checksum */
};

static void put16(int offset, unsigned value) {
  frame[offset] = value >> 8;
  frame[offset + 1] = value;
}

static void finish(int bytes) {
  put16(16, bytes - 14);
  put16(38, bytes - 34);
  unsigned sum = 0;
  for (int i = 14; i < 34; i += 2) sum += frame[i] << 8 | frame[i + 1];
  sum = (sum & 0xffff) + (sum >> 16);
  put16(24, ~(sum + (sum >> 16)) & 0xffff);
}

static int sink(void) {
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(2000)};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) < 0) {
    perror("bind");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  return getchar() == EOF ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "sink") == 0) return sink();
  if (argc != 4) return 2;
  int count = atoi(argv[2]), bytes = atoi(argv[3]);
  if (bytes < 42 || bytes > (int)sizeof frame) return 2;
  finish(bytes);
  int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP));
  int bypass = 1;
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(argv[1])};
  if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof bypass) < 0) {
    perror("AF_PACKET");
    return 1;
  }
  for (int i = 0; i < count; i++) {
    if (sendto(fd, frame, bytes, 0, (struct sockaddr *)&to, sizeof to) != bytes) {
      perror("sendto");
      return 1;
    }
  }
  return 0;
}
