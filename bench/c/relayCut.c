/*
 * The yardstick where one device has offloads and the other has none: relay.c, but super-packets (TCP over IPv4) are cut,
 * and checksums completed that were left to the kernel. tun.h has its command line.
 */
#define _GNU_SOURCE
#include "polled.h"
#include "cut.h"
#include <linux/virtio_net.h>

static uint8_t frame[FRAME_BYTES], segment[FRAME_BYTES];

static void complete(uint8_t *bytes, size_t length, const struct virtio_net_hdr *header) {
  uint16_t checksum = folded(sum(bytes + header->csum_start, length - header->csum_start, 0));
  memcpy(bytes + header->csum_start + header->csum_offset, &checksum, 2);
}

static void write_segments(int to, size_t length, const struct virtio_net_hdr *header) {
  const uint8_t *bytes = frame + VNET_BYTES;
  size_t tcp = IP + (bytes[IP] & 15) * 4, headers = tcp + (bytes[tcp + 12] >> 4) * 4, made;
  for (int number = 0; (made = cut(bytes, length, headers, header->gso_size, number, segment + VNET_BYTES)); number++) {
    if (write(to, segment, VNET_BYTES + made) < 0 && errno != EAGAIN) fail("write");
  }
}

static long move(int from, int to, long limit) {
  long moved = 0;
  for (; moved < limit; moved++) {
    struct virtio_net_hdr header;
    ssize_t bytes = read(from, frame, sizeof frame);
    if (bytes < 0) {
      if (errno == EAGAIN) break;
      fail("read");
    }
    memcpy(&header, frame, sizeof header);
    if (header.gso_type != VIRTIO_NET_HDR_GSO_NONE) {
      write_segments(to, bytes - VNET_BYTES, &header);
      continue;
    }
    if (header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) complete(frame + VNET_BYTES, bytes - VNET_BYTES, &header);
    memset(frame, 0, VNET_BYTES);
    if (write(to, frame, bytes) < 0 && errno != EAGAIN) fail("write");
  }
  return moved;
}
