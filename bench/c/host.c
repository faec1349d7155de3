/*
 * A host: a network namespace of its own, without IPv6, so that nothing is on a link but what is measured. It holds UDP
 * port 2000 and never reads: frames go all the way up its stack. Prints `ready`, and ends with standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(void) {
  if (unshare(CLONE_NEWNET) < 0) fail("unshare");
  int off = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);
  if (off >= 0 && write(off, "1\n", 2) != 2) fail("disable_ipv6");
  if (off >= 0) close(off);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(2000)};
  struct ifreq lo = {.ifr_flags = IFF_UP};
  strcpy(lo.ifr_name, "lo");
  if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) < 0) fail("UDP port 2000");
  if (ioctl(fd, SIOCSIFFLAGS, &lo) < 0) fail("lo");
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF);
  return 0;
}
