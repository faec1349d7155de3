/*
 * Dissection as assembly/dissect does it, written anew in C: the same checks, the same 64-byte descriptor
 * (assembly/layout.ts), the same hash of the flow. Left out is what no generated frame has: the authentication header.
 */
#ifndef DISSECT_H
#define DISSECT_H
#include <stdint.h>
#include <string.h>

enum {
  PACKET_ETHERNET = 0x1, PACKET_VLAN = 0x2, PACKET_IPV4 = 0x4, PACKET_IPV6 = 0x8, PACKET_ARP = 0x10, PACKET_TCP = 0x20,
  PACKET_UDP = 0x40, PACKET_ICMP = 0x80, PACKET_ICMPV6 = 0x100, PACKET_SCTP = 0x200, PACKET_OPTIONS = 0x400,
  PACKET_FRAGMENT = 0x800, PACKET_LATER_FRAGMENT = 0x1000, PACKET_TRUNCATED = 0x2000, PACKET_MALFORMED = 0x4000,
  PACKET_SEGMENTS_LEFT = 0x20000
};
enum {
  ETHERNET_SHORT = 1, VLAN_SHORT, VLAN_TOO_MANY, IP_VERSION, IPV4_SHORT, IPV4_HEADER_LENGTH, IPV4_TOTAL_LENGTH, IPV6_SHORT,
  IPV6_EXTENSION_SHORT, IPV6_EXTENSION_TOO_MANY, ARP_SHORT, TCP_SHORT, TCP_DATA_OFFSET, UDP_SHORT, UDP_LENGTH, ICMP_SHORT,
  ICMPV6_SHORT, SCTP_SHORT
};

struct descriptor {
  uint32_t frame, length, wire_length, flags;
  uint64_t time;
  uint32_t flow_hash;
  uint16_t slot, in_port;
  uint16_t l3, l4, payload, payload_length, ether_type, vlan_outer, vlan_inner, source_port, destination_port;
  uint8_t protocol, tcp_flags, vlan_count, malformed, vnet_flags, gso_type;
  uint16_t hdr_len, gso_size, csum_start, csum_offset;
};

static inline uint32_t be16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }

static inline uint32_t raw32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return value;
}

static inline uint64_t raw64(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, 8);
  return value;
}

/* ── How a dissection ends ── */

static inline void end_with(struct descriptor *d, int payload, int end) {
  int bytes = end > payload ? end - payload : 0;
  d->payload = payload;
  d->payload_length = bytes > 0xffff ? 0xffff : bytes;
}

static inline void end_early(struct descriptor *d, int malformed, int payload, int end) {
  d->flags |= PACKET_MALFORMED;
  d->malformed = malformed;
  end_with(d, payload, end);
}

/* ── Transport ── */

static inline void set_ports(struct descriptor *d, const uint8_t *header, uint32_t flag) {
  d->flags |= flag;
  d->source_port = be16(header);
  d->destination_port = be16(header + 2);
}

static inline void fixed(struct descriptor *d, int l4, int end, int bytes, uint32_t flag, int malformed) {
  if (end - l4 < bytes) return end_early(d, malformed, l4, end);
  d->flags |= flag;
  end_with(d, l4 + bytes, end);
}

static void dissect_transport(struct descriptor *d, const uint8_t *frame, int protocol, int l4, int end, int announced) {
  const uint8_t *header = frame + l4;
  if (protocol == 6) {
    if (end - l4 < 20) return end_early(d, TCP_SHORT, l4, end);
    int bytes = header[12] >> 4 << 2;
    if (bytes < 20 || bytes > end - l4) return end_early(d, TCP_DATA_OFFSET, l4, end);
    set_ports(d, header, PACKET_TCP);
    d->tcp_flags = header[13];
    end_with(d, l4 + bytes, end);
  } else if (protocol == 17) {
    if (end - l4 < 8) return end_early(d, UDP_SHORT, l4, end);
    int length = be16(header + 4), room = announced - l4;
    int possible = length == 0 ? room > 0xffff || d->gso_type != 0
                               : length >= 8 && (length <= room || d->flags & PACKET_FRAGMENT);
    if (!possible) return end_early(d, UDP_LENGTH, l4, end);
    set_ports(d, header, PACKET_UDP);
    end_with(d, l4 + 8, end);
  } else if (protocol == 1 && d->flags & PACKET_IPV4) fixed(d, l4, end, 8, PACKET_ICMP, ICMP_SHORT);
  else if (protocol == 58 && d->flags & PACKET_IPV6) fixed(d, l4, end, 4, PACKET_ICMPV6, ICMPV6_SHORT);
  else if (protocol == 132) {
    if (end - l4 < 12) return end_early(d, SCTP_SHORT, l4, end);
    set_ports(d, header, PACKET_SCTP);
    end_with(d, l4 + 12, end);
  } else end_with(d, l4, end);
}

/* ── Network ── */

static void dissect_ipv4(struct descriptor *d, const uint8_t *frame, int l3) {
  int length = d->length;
  const uint8_t *header = frame + l3;
  if (length - l3 < 20) return end_early(d, IPV4_SHORT, l3, length);
  if (header[0] >> 4 != 4) return end_early(d, IP_VERSION, l3, length);
  int bytes = (header[0] & 15) << 2, l4 = l3 + bytes;
  if (bytes < 20 || l4 > length) return end_early(d, IPV4_HEADER_LENGTH, l3, length);
  int fragment = be16(header + 6);
  d->l4 = l4;
  d->protocol = header[9];
  d->flags |= PACKET_IPV4 | (bytes > 20 ? PACKET_OPTIONS : 0) | (fragment & 0x3fff ? PACKET_FRAGMENT : 0) |
              (fragment & 0x1fff ? PACKET_LATER_FRAGMENT : 0);
  int total = be16(header + 2);
  if (total != 0 && total < bytes) return end_early(d, IPV4_TOTAL_LENGTH, l4, l4);
  int announced = total == 0 ? length : l3 + total, end = announced < length ? announced : length;
  if (announced > end) d->flags |= PACKET_TRUNCATED;
  if (d->flags & PACKET_LATER_FRAGMENT) return end_with(d, l4, end);
  dissect_transport(d, frame, header[9], l4, end, announced);
}

static inline int is_extension(int protocol) {
  return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60;
}

static void dissect_ipv6(struct descriptor *d, const uint8_t *frame, int l3) {
  int length = d->length;
  const uint8_t *header = frame + l3;
  if (length - l3 < 40) return end_early(d, IPV6_SHORT, l3, length);
  if (header[0] >> 4 != 6) return end_early(d, IP_VERSION, l3, length);
  d->flags |= PACKET_IPV6;
  int bytes = be16(header + 4), announced = bytes == 0 ? length : l3 + 40 + bytes;
  int end = announced < length ? announced : length;
  if (announced > length) d->flags |= PACKET_TRUNCATED;
  int protocol = header[6], offset = l3 + 40;
  for (int count = 0; is_extension(protocol); count++) {
    const uint8_t *extension = frame + offset;
    int room = end - offset;
    int size = room < 8 ? 0 : protocol == 44 ? 8 : (extension[1] + 1) * 8;
    if (size > room) size = 0;
    if (count == 8 || size == 0) {
      d->protocol = protocol;
      d->l4 = offset;
      return end_early(d, size == 0 ? IPV6_EXTENSION_SHORT : IPV6_EXTENSION_TOO_MANY, offset, end);
    }
    d->flags |= PACKET_OPTIONS;
    if (protocol == 44) {
      int fragment = be16(extension + 2);
      if (fragment & 0xfff8) d->flags |= PACKET_FRAGMENT | PACKET_LATER_FRAGMENT;
      else if (fragment & 1) d->flags |= PACKET_FRAGMENT;
    } else if (protocol == 43 && extension[3] != 0) d->flags |= PACKET_SEGMENTS_LEFT;
    protocol = extension[0];
    offset += size;
    if (d->flags & PACKET_LATER_FRAGMENT) break;
  }
  d->protocol = protocol;
  d->l4 = offset;
  if (d->flags & PACKET_LATER_FRAGMENT) return end_with(d, offset, end);
  dissect_transport(d, frame, protocol, offset, end, announced);
}

static void dissect_arp(struct descriptor *d, const uint8_t *frame, int l3) {
  static const uint8_t ipv4_over_ethernet[4] = {8, 0, 6, 4};
  int length = d->length, room = length - l3;
  if (room < 8) return end_early(d, ARP_SHORT, l3, length);
  if (memcmp(frame + l3 + 2, ipv4_over_ethernet, 4) != 0) return end_with(d, l3, length);
  if (room < 28) return end_early(d, ARP_SHORT, l3, length);
  d->flags |= PACKET_ARP;
  end_with(d, l3 + 28, l3 + 28);
}

/* ── Link ── */

static inline int is_vlan(int type) { return type == 0x8100 || type == 0x88a8 || type == 0x9100; }

static void place(struct descriptor *d, int l3, int type) {
  d->l3 = d->l4 = l3;
  d->ether_type = type;
}

static void dissect_ethernet(struct descriptor *d, const uint8_t *frame) {
  int length = d->length, offset = 14;
  if (length < 14) return end_early(d, ETHERNET_SHORT, 0, length);
  d->flags = PACKET_ETHERNET;
  int type = be16(frame + 12);
  for (int count = 0; is_vlan(type); count++, offset += 4) {
    int malformed = count == 4 ? VLAN_TOO_MANY : length - offset < 4 ? VLAN_SHORT : 0;
    if (malformed) {
      place(d, offset, type);
      return end_early(d, malformed, offset, length);
    }
    if (count == 0) d->vlan_outer = be16(frame + offset);
    if (count == 1) d->vlan_inner = be16(frame + offset);
    d->vlan_count = count + 1;
    d->flags |= PACKET_VLAN;
    type = be16(frame + offset + 2);
  }
  if (type <= 1500) {
    place(d, offset, 0);
    return end_with(d, offset, offset + type < length ? offset + type : length);
  }
  place(d, offset, type);
  if (type == 0x0800) dissect_ipv4(d, frame, offset);
  else if (type == 0x86dd) dissect_ipv6(d, frame, offset);
  else if (type == 0x0806) dissect_arp(d, frame, offset);
  else end_with(d, offset, length);
}

/* ── Flow hash: assembly/flow.ts ── */

static const uint64_t GOLDEN = 0x9e3779b97f4a7c15, PRIME_A = 0xc2b2ae3d27d4eb4f, PRIME_B = 0x165667b19e3779f9;

static inline uint64_t stir(uint64_t address, uint64_t salt) {
  uint64_t bits = address ^ (salt * PRIME_A + GOLDEN);
  bits = (bits ^ bits >> 32) * PRIME_B;
  bits = (bits ^ bits >> 29) * GOLDEN;
  return bits ^ bits >> 32;
}

static inline uint32_t finish(uint64_t sum, uint32_t common) { return ((sum ^ sum >> 29) + common) * PRIME_A >> 32; }

static inline uint64_t mac(const uint8_t *at) { return (uint64_t)be16(at) << 32 | be16(at + 2) << 16 | be16(at + 4); }

static uint32_t flow_hash(const struct descriptor *d, const uint8_t *frame) {
  int whole = !(d->flags & PACKET_FRAGMENT);
  uint64_t source_salt = whole ? d->source_port : 0, destination_salt = whole ? d->destination_port : 0;
  uint32_t common = whole ? d->protocol : 0;
  const uint8_t *header = frame + d->l3;
  if (d->flags & PACKET_IPV4) {
    return finish(stir(raw32(header + 12), source_salt) + stir(raw32(header + 16), destination_salt), common);
  }
  if (d->flags & PACKET_IPV6) {
    uint64_t source = stir(raw64(header + 8), stir(raw64(header + 16), source_salt));
    uint64_t destination = stir(raw64(header + 24), stir(raw64(header + 32), destination_salt));
    return finish(source + destination, common);
  }
  if (d->flags & PACKET_ETHERNET) return finish(stir(mac(frame + 6), PRIME_B) + stir(mac(frame), PRIME_B), d->ether_type);
  return 0;
}

static void dissect(struct descriptor *d, const uint8_t *frame) {
  d->flags = 0;
  memset(&d->l3, 0, 22);
  dissect_ethernet(d, frame);
  d->flow_hash = flow_hash(d, frame);
}
#endif
