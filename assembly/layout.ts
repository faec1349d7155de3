// The memory map, written once. This file is compiled by asc and by tsc alike and must remain portable:
// nothing but `export const NAME = integer expression over earlier names`, every value below 2^31.
//
// Names end in their unit: _BYTES, _COUNT, _OFFSET (from the start of the arena), _SHIFT. A field of a record is
// RECORD_FIELD, in bytes from the start of that record. All numbers in the arena are little-endian; bytes inside frames
// are in network order.
//
// ╒═══════════════════ Arena ═══════════════════╕   who writes
// │ nothing                  64 B                │   no one: address 0 is never valid
// │ control                 192 B                │   CONTROL_OFFSET       host
// │ ports        65 × 64 B                       │   PORTS_OFFSET         host
// │ stages      144 × 128 B                      │   STAGES_OFFSET        host: reasons, policy · core: counters
// │ reasons    2048 × 8 B                        │   REASONS_OFFSET       core
// │ inbound     256 × 16 B                       │   INBOUND_OFFSET       host, from the engine
// │ outbound    256 × 16 B                       │   OUTBOUND_OFFSET      core, for the engine
// │ descriptors 256 × 64 B                       │   DESCRIPTORS_OFFSET   core only
// │ outcomes    256 × 16 B                       │   OUTCOMES_OFFSET      filters; zeroed by core for each batch
// │ active      256 × 2 B                        │   ACTIVE_OFFSET        core: packets that the next filter sees
// │ mirrors     256 × 2 B                        │   MIRRORS_OFFSET       core: packets to be copied now
// │ skipped     256 × 2 B                        │   SKIPPED_OFFSET       guards: packets that the next filter is not to see
// │ stock       256 × 2 B                        │   STOCK_OFFSET         host: free slots for segments
// │ aside       256 × 80 B                       │   ASIDE_OFFSET         core: packets that wait while segments are made
// │ slots                                        │   SLOTS_OFFSET         engines, filters (edits)
// │ staging     STAGING_BYTES                    │   core: what goes into sandboxes · host: what comes out
// │ region      REGION_BYTES                     │   filters in place: configuration, counters, state
// └──────────────────────────────────────────────┘

/** Version of this map; the loader refuses a core with another one. */
export const LAYOUT_VERSION = 1;

// ── Counts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Packets in a batch, at most. */
export const BATCH_COUNT = 256;
/** Port records; the last two are the line's own pools: of copies, and of segments. */
export const PORT_COUNT = 65;
export const COPY_PORT = PORT_COUNT - 2;
export const SEGMENT_PORT = PORT_COUNT - 1;
/** "No port": the packet stays, and its slot goes back to its pool. */
export const NO_PORT = 255;
/** Filters in a line, at most. */
export const FILTER_COUNT = 64;
/** Rows for filters: one that replaces another stands beside it for a while, and some leave when the batch ends. */
export const STAGE_COUNT = 2 * FILTER_COUNT + 16;
/** Named drop reasons in a line, at most, the built-in ones included. */
export const LINE_REASON_COUNT = 1024;
/** Rows for reasons, those of filters that are being replaced included. */
export const REASON_COUNT = 2 * LINE_REASON_COUNT;
/** Slots in a line, at most: a slot number is a u16. */
export const SLOT_COUNT = 65535;

/** Room where the windows of a batch are gathered for one sandboxed filter after the other: 256 × (64 + 16 + 2048 + 128). */
export const STAGING_BYTES = 577536;
/** Address space for the blocks of filters in place, given out first-fit. A page takes memory when it is touched. */
export const REGION_BYTES = 67108864;

// ── Records ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Bytes at SCRATCH_OFFSET where the host puts the new bytes of an edit. */
export const SCRATCH_BYTES = 128;
export const CONTROL_BYTES = 192;
export const PORT_BYTES = 64;
export const STAGE_BYTES = 128;
export const REASON_BYTES = 8;
export const RECORD_BYTES = 16;
export const DESCRIPTOR_BYTES = 64;
export const OUTCOME_BYTES = 16;
export const INDEX_BYTES = 2;
export const ASIDE_BYTES = 32;
/** virtio_net_hdr_v1 as tapline uses it: 12 bytes directly before the frame. */
export const VNET_BYTES = 12;
/** A cache line; strides are an odd number of them, so that headers do not fall into the same cache sets. */
export const LINE_BYTES = 64;

// ── Regions ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const CONTROL_OFFSET = 64;
export const PORTS_OFFSET = CONTROL_OFFSET + CONTROL_BYTES;
export const STAGES_OFFSET = PORTS_OFFSET + PORT_COUNT * PORT_BYTES;
export const REASONS_OFFSET = STAGES_OFFSET + STAGE_COUNT * STAGE_BYTES;
export const INBOUND_OFFSET = REASONS_OFFSET + REASON_COUNT * REASON_BYTES;
export const OUTBOUND_OFFSET = INBOUND_OFFSET + BATCH_COUNT * RECORD_BYTES;
export const DESCRIPTORS_OFFSET = OUTBOUND_OFFSET + BATCH_COUNT * RECORD_BYTES;
export const OUTCOMES_OFFSET = DESCRIPTORS_OFFSET + BATCH_COUNT * DESCRIPTOR_BYTES;
export const ACTIVE_OFFSET = OUTCOMES_OFFSET + BATCH_COUNT * OUTCOME_BYTES;
export const MIRRORS_OFFSET = ACTIVE_OFFSET + BATCH_COUNT * INDEX_BYTES;
export const SKIPPED_OFFSET = MIRRORS_OFFSET + BATCH_COUNT * INDEX_BYTES;
export const STOCK_OFFSET = SKIPPED_OFFSET + BATCH_COUNT * INDEX_BYTES;
export const ASIDE_OFFSET = STOCK_OFFSET + BATCH_COUNT * INDEX_BYTES;
export const ASIDE_DESCRIPTORS_OFFSET = ASIDE_OFFSET + ASIDE_BYTES;
export const ASIDE_OUTCOMES_OFFSET = ASIDE_DESCRIPTORS_OFFSET + BATCH_COUNT * DESCRIPTOR_BYTES;
/** The descriptor of a mirrored segment, which belongs to no batch. */
export const COPY_DESCRIPTOR_OFFSET = ASIDE_OUTCOMES_OFFSET + BATCH_COUNT * OUTCOME_BYTES;
export const SLOTS_OFFSET = COPY_DESCRIPTOR_OFFSET + DESCRIPTOR_BYTES;

// ── Control: one record, written by the host ─────────────────────────────────────────────────────────────────────────

/** u64: capture time of the batch, nanoseconds since 1970-01-01 UTC. */
export const CONTROL_TIME = 0;
/** u32: packets listed at MIRRORS_OFFSET; written by `settle`. */
export const CONTROL_MIRRORS = 8;
/** RECORD_BYTES: outbound record of the copy that `mirror` made. */
export const CONTROL_COPY_RECORD = 16;
/** SCRATCH_BYTES for the bytes of an edit; written by the host, read by `edit`. */
export const CONTROL_SCRATCH = 64;
export const SCRATCH_OFFSET = CONTROL_OFFSET + CONTROL_SCRATCH;

// ── Aside: packets of a batch that wait while segments are made, and how far that has come; one record ───────────────

/** u32: packets that were set aside. */
export const ASIDE_COUNT = 0;
/** u32: how many of them have gone back into the batch, all their segments included. */
export const ASIDE_NEXT = 4;
/** u32: segments of the next one that were made already. */
export const ASIDE_SEGMENT = 8;
/** u32: slots at STOCK_OFFSET; taken from its end. Raised by the host, lowered by the core. */
export const ASIDE_STOCK = 12;
/** u32: packets of the portion that filters shall see. */
export const ASIDE_ACTIVE = 16;
/** u32: packets of the portion beyond those that were read: segments but for the last of each super-packet. */
export const ASIDE_MADE = 20;

/** Kinds of portion. Super-packets are cut that leave by a port that does not take them. */
export const PORTION_FOR_PORTS = 0;
/** So are all that go on to the next filter. */
export const PORTION_FOR_FILTERS = 1;
/** Nothing is cut; all is dropped with REASON_CLOSED. */
export const PORTION_CLOSED = 2;

// ── Port: where its slots lie and what it carries ────────────────────────────────────────────────────────────────────

/** u32: address of the pool's first slot. */
export const PORT_POOL = 0;
/** u32: bytes from one slot to the next. 0: this record is not in use. */
export const PORT_STRIDE = 4;
/** u32: slots in the pool. */
export const PORT_SLOTS = 8;
/** u32: number of the pool's first slot; slot numbers run through all pools of a line. */
export const PORT_FIRST_SLOT = 12;
/** u32: bytes from the slot to the frame as it is read: VNET_BYTES, then room for pushing headers, end here. */
export const PORT_FRAME_START = 16;
/** u32: bytes of frame that fit; a frame of exactly so many is taken for truncated. */
export const PORT_CAPACITY = 20;
/** u8: LINK_ETHERNET or LINK_IP. */
export const PORT_LINK = 24;
/** u8: bytes of virtio_net_hdr before each frame: VNET_BYTES or 0. */
export const PORT_HEADER = 25;
/** u16: TUN_F_* offloads that the port takes in what we write. */
export const PORT_OFFLOADS = 26;
/** u8: port to which packets from this one go unless a filter says otherwise; NO_PORT: none. */
export const PORT_ROUTE = 28;
/** u32: index of the interface behind the port; 0: none, a queue. */
export const PORT_INTERFACE = 32;

/** Ethernet frames: TAP. */
export const LINK_ETHERNET = 1;
/** IP packets without a link header: TUN. */
export const LINK_IP = 2;

// ── Stage: one filter's place in the chain ───────────────────────────────────────────────────────────────────────────

/** u64 counters, written by `settle`. */
export const STAGE_PACKETS = 0;
export const STAGE_ACCEPTED = 8;
export const STAGE_DROPPED = 16;
export const STAGE_REFLECTED = 24;
export const STAGE_REDIRECTED = 32;
export const STAGE_MIRRORED = 40;
export const STAGE_MODIFIED = 48;
export const STAGE_SHORT = 56;
/** u64: packets for which the filter failed (threw, trapped). */
export const STAGE_FAILED = 64;
/** u64: packets of which it asked for bytes behind its window. */
export const STAGE_OUTSIDE = 72;
/** u16: number of the stage's first reason in the table of reasons. */
export const STAGE_REASON_BASE = 80;
/** u16: how many reasons the stage declared. */
export const STAGE_REASON_COUNT = 82;
/** u8: what a packet gets for which the filter failed: VERDICT_CONTINUE or VERDICT_DROP. */
export const STAGE_ON_ERROR = 84;
/** u8: what a packet gets that would go on, but is short: VERDICT_CONTINUE or VERDICT_DROP. */
export const STAGE_ON_SHORT = 85;
/** u8: the same of a packet of which bytes behind the window were asked for. */
export const STAGE_ON_OUTSIDE = 86;
/** u8: 1 where the filter may change frames; what others say of their edits is not heard. */
export const STAGE_WRITES = 87;
/** u32: bytes of each frame that may be new, counted from its first. */
export const STAGE_WINDOW = 88;
/** u32: bytes that may be pushed. */
export const STAGE_HEADROOM = 92;

// ── Records between host and engine ──────────────────────────────────────────────────────────────────────────────────

/** u32: slot number. */
export const RECORD_SLOT = 0;
/** u32: port number in the low 8 bits, RECORD_FLAG_* above. */
export const RECORD_PORT = 4;
/** u32: bytes, the virtio header included where the port has one. */
export const RECORD_LENGTH = 8;
/**
 * u32: bytes from the slot to the first byte; the frame behind it begins at VNET_BYTES or later. In a completion: errno
 * of the write, 0 if it was done.
 */
export const RECORD_OFFSET = 12;

export const RECORD_PORT_MASK = 0xff;
/** Inbound: the read filled all the room there was, so the end of the frame may be missing. */
export const RECORD_FLAG_TRUNCATED = 0x100;
/** Outbound and completion: a mirrored copy, counted apart. */
export const RECORD_FLAG_COPY = 0x200;

// ── Descriptor: one packet as `dissect` saw it; read-only for filters ────────────────────────────────────────────────

/** u32: address of the frame's first byte. */
export const DESCRIPTOR_FRAME = 0;
/** u32: bytes of the frame in memory. */
export const DESCRIPTOR_LENGTH = 4;
/** u32: bytes of the frame on the wire; larger than the length in a capture that was cut. */
export const DESCRIPTOR_WIRE_LENGTH = 8;
/** u32: PACKET_* flags. */
export const DESCRIPTOR_FLAGS = 12;
/** u64: capture time, nanoseconds since 1970-01-01 UTC. */
export const DESCRIPTOR_TIME = 16;
/** u32: hash of the flow, the same in both directions; fragments are hashed without ports. */
export const DESCRIPTOR_FLOW_HASH = 24;
/** u16: slot number. */
export const DESCRIPTOR_SLOT = 28;
/** u16: port by which the packet came in. */
export const DESCRIPTOR_IN_PORT = 30;
/** u16: offset of the network header: behind the link header and its VLAN tags. */
export const DESCRIPTOR_L3 = 32;
/** u16: offset of the transport header: behind IP options and extension headers. Equals L3 where there is no IP. */
export const DESCRIPTOR_L4 = 34;
/** u16: offset of the first byte behind the innermost header that was dissected. */
export const DESCRIPTOR_PAYLOAD = 36;
/** u16: bytes of payload; ends where the IP length says (padding left out), never behind the frame. 65,535: up to its end. */
export const DESCRIPTOR_PAYLOAD_LENGTH = 38;
/** u16: EtherType behind all VLAN tags; for LINK_IP the one that belongs to the IP version; 0 for 802.3 frames. */
export const DESCRIPTOR_ETHER_TYPE = 40;
/** u16: TCI of the outermost VLAN tag (priority 3 bits, DEI 1, VLAN id 12). */
export const DESCRIPTOR_VLAN_OUTER = 42;
/** u16: TCI of the next VLAN tag. */
export const DESCRIPTOR_VLAN_INNER = 44;
/** u16: source port of TCP, UDP, SCTP. */
export const DESCRIPTOR_SOURCE_PORT = 46;
/** u16: destination port of TCP, UDP, SCTP. */
export const DESCRIPTOR_DESTINATION_PORT = 48;
/** u8: IP protocol behind all extension headers. */
export const DESCRIPTOR_PROTOCOL = 50;
/** u8: TCP flags: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
export const DESCRIPTOR_TCP_FLAGS = 51;
/** u8: VLAN tags walked. */
export const DESCRIPTOR_VLAN_COUNT = 52;
/** u8: MALFORMED_*: why dissection stopped early. */
export const DESCRIPTOR_MALFORMED = 53;
/** u8: VNET_FLAG_* of the virtio header. */
export const DESCRIPTOR_VNET_FLAGS = 54;
/** u8: VNET_GSO_* of the virtio header. */
export const DESCRIPTOR_GSO_TYPE = 55;
/** u16: hdr_len as the kernel gave it: a hint, not trusted. */
export const DESCRIPTOR_HDR_LEN = 56;
/** u16: payload bytes of each segment of a super-packet. */
export const DESCRIPTOR_GSO_SIZE = 58;
/** u16: where the checksum to be completed begins, from the frame's first byte. */
export const DESCRIPTOR_CSUM_START = 60;
/** u16: where its field lies, from there. */
export const DESCRIPTOR_CSUM_OFFSET = 62;

// Flags. Once a packet carries a layer's flag, every field of that layer's fixed header (and the options that its length
// field announces) lies within the frame, until someone changes the frame's length.
export const PACKET_ETHERNET = 0x0001;
export const PACKET_VLAN = 0x0002;
export const PACKET_IPV4 = 0x0004;
export const PACKET_IPV6 = 0x0008;
/** ARP for IPv4 over Ethernet; other kinds have the EtherType only. */
export const PACKET_ARP = 0x0010;
export const PACKET_TCP = 0x0020;
export const PACKET_UDP = 0x0040;
export const PACKET_ICMP = 0x0080;
export const PACKET_ICMPV6 = 0x0100;
export const PACKET_SCTP = 0x0200;
/** IPv4 options, IPv6 extension headers or an authentication header are present. */
export const PACKET_OPTIONS = 0x0400;
/** A fragment, first or later. */
export const PACKET_FRAGMENT = 0x0800;
/** A fragment with an offset: it has no transport header. */
export const PACKET_LATER_FRAGMENT = 0x1000;
/** The frame ends before the IP length says so. */
export const PACKET_TRUNCATED = 0x2000;
/** Dissection stopped early; DESCRIPTOR_MALFORMED says why. */
export const PACKET_MALFORMED = 0x4000;
/** A super-packet: the kernel cuts it into segments of DESCRIPTOR_GSO_SIZE. */
export const PACKET_SUPER = 0x8000;
/**
 * A checksum field holds the pseudo-header's sum; the rest is still to be added (VNET_FLAG_NEEDS_CSUM). Only where the
 * field lies in the frame.
 */
export const PACKET_PARTIAL_CHECKSUM = 0x10000;
/** An IPv6 routing header names further stops: the transport checksum is over the last one, not over the destination. */
export const PACKET_SEGMENTS_LEFT = 0x20000;
export const PACKET_PORTS = PACKET_TCP | PACKET_UDP | PACKET_SCTP;
export const PACKET_IP = PACKET_IPV4 | PACKET_IPV6;

// Why dissection stopped. Names in src/core/names.ts, in this order.
export const MALFORMED_NONE = 0;
export const MALFORMED_ETHERNET_SHORT = 1;
export const MALFORMED_VLAN_SHORT = 2;
/** More VLAN tags than VLAN_LIMIT. */
export const MALFORMED_VLAN_LIMIT = 3;
export const MALFORMED_IP_VERSION = 4;
export const MALFORMED_IPV4_SHORT = 5;
export const MALFORMED_IPV4_HEADER_LENGTH = 6;
export const MALFORMED_IPV4_TOTAL_LENGTH = 7;
export const MALFORMED_IPV6_SHORT = 8;
export const MALFORMED_IPV6_EXTENSION_SHORT = 9;
/** More extension headers than EXTENSION_LIMIT. */
export const MALFORMED_IPV6_EXTENSION_LIMIT = 10;
export const MALFORMED_ARP_SHORT = 11;
export const MALFORMED_TCP_SHORT = 12;
export const MALFORMED_TCP_DATA_OFFSET = 13;
export const MALFORMED_UDP_SHORT = 14;
export const MALFORMED_UDP_LENGTH = 15;
export const MALFORMED_ICMP_SHORT = 16;
export const MALFORMED_ICMPV6_SHORT = 17;
export const MALFORMED_SCTP_SHORT = 18;
/** The virtio header points outside the frame, or names a packet type that the frame is not. Goes before all others. */
export const MALFORMED_VNET_HEADER = 19;
/** An IPsec authentication header, under IPv4 or IPv6. */
export const MALFORMED_AUTHENTICATION_SHORT = 20;

/** VLAN tags walked, at most. */
export const VLAN_LIMIT = 4;
/** IPv6 extension headers walked, at most. */
export const EXTENSION_LIMIT = 8;

// virtio_net_hdr, <linux/virtio_net.h>
export const VNET_FLAG_NEEDS_CSUM = 1;
export const VNET_FLAG_DATA_VALID = 2;
export const VNET_GSO_NONE = 0;
export const VNET_GSO_TCPV4 = 1;
export const VNET_GSO_TCPV6 = 4;
export const VNET_GSO_UDP_L4 = 5;
/** OR-ed into the type of a TCP super-packet whose first segment has CWR. */
export const VNET_GSO_ECN = 0x80;

// Offloads, <linux/if_tun.h> TUN_F_*
export const OFFLOAD_CSUM = 0x01;
export const OFFLOAD_TSO4 = 0x02;
export const OFFLOAD_TSO6 = 0x04;
export const OFFLOAD_TSO_ECN = 0x08;
export const OFFLOAD_USO4 = 0x20;
export const OFFLOAD_USO6 = 0x40;

// ── Outcome: what the filters say of one packet; the only record that they write ─────────────────────────────────────

/** u8: VERDICT_*. */
export const OUTCOME_VERDICT = 0;
/** u8: OUTCOME_FLAG_*. */
export const OUTCOME_FLAGS = 1;
/** u8: port of a VERDICT_REDIRECT. */
export const OUTCOME_OUT_PORT = 2;
/** u8: port of an OUTCOME_FLAG_MIRROR. */
export const OUTCOME_MIRROR_PORT = 3;
/** u16: of a VERDICT_DROP: 0 unspecified; 1 … the stage's own reasons in the order declared; REASON_BUILT_IN | REASON_*. */
export const OUTCOME_REASON = 4;
/** i16: bytes by which the frame's start moves: negative when headers were pushed, positive when they were popped. */
export const OUTCOME_START_SHIFT = 6;
/** u32: a mark for later filters; 0 at the start. */
export const OUTCOME_MARK = 8;
/** i32: bytes by which the frame's end moves. */
export const OUTCOME_END_SHIFT = 12;

/** Next filter; after the last one: forward. */
export const VERDICT_CONTINUE = 0;
/** Forward, without asking the filters behind. */
export const VERDICT_ACCEPT = 1;
export const VERDICT_DROP = 2;
/** Back out of the port it came in by. */
export const VERDICT_REFLECT = 3;
/** Out of OUTCOME_OUT_PORT. */
export const VERDICT_REDIRECT = 4;
/** Set by the host when a filter failed; becomes the stage's policy. */
export const VERDICT_ABORT = 15;

/** The frame was changed; it is dissected again before the next filter. */
export const OUTCOME_FLAG_MODIFIED = 1;
/** A copy, as the packet is now, goes to OUTCOME_MIRROR_PORT. */
export const OUTCOME_FLAG_MIRROR = 2;
/** A field was read that the packet does not have. */
export const OUTCOME_FLAG_SHORT = 4;
/** A field was read that lies behind the window that the filter asked for. */
export const OUTCOME_FLAG_OUTSIDE = 8;

// Built-in drop reasons: the first entries of the table of reasons. Names in src/core/names.ts, in this order.
export const REASON_BUILT_IN = 0x8000;
/** A filter dropped the packet and gave no reason. */
export const REASON_UNSPECIFIED = 0;
/** The read filled the whole slot: the end of the frame may be missing. */
export const REASON_TRUNCATED = 1;
/** No route leads from the port. */
export const REASON_NO_ROUTE = 2;
/** A filter named a port that the line does not have. */
export const REASON_BAD_PORT = 3;
/** An Ethernet frame for an IP port, or the other way round. */
export const REASON_WRONG_LINK = 4;
/** More bytes pushed than the slot has room for. */
export const REASON_NO_HEADROOM = 5;
/** A filter moved the frame's ends to where no frame can be. */
export const REASON_BAD_EDIT = 6;
/** A super-packet that must be cut and cannot be: a segment would not fit a slot. */
export const REASON_NEEDS_SEGMENTATION = 7;
/** The virtio header does not fit the frame. */
export const REASON_BAD_OFFLOAD = 8;
/** The filter failed, and its policy is to drop. */
export const REASON_FILTER_ERROR = 9;
/** The filter wrote a verdict that does not exist. */
export const REASON_BAD_VERDICT = 10;
/** A frame that is shorter than the header of the link it is to go out by. */
export const REASON_RUNT = 11;
/** A field was read that the packet does not have, and the filter's policy is to drop. */
export const REASON_SHORT = 12;
/** A field was read behind the filter's window, and the filter's policy is to drop. */
export const REASON_OUTSIDE_WINDOW = 13;
/** No slot is free for the next segment of a super-packet; what is left of it is dropped as one packet. */
export const REASON_NO_SLOT = 14;
/** The line was closed while the packet waited for others to be cut. */
export const REASON_CLOSED = 15;
/** Entries that are built in; declared reasons begin here. */
export const REASON_BUILT_IN_COUNT = 16;
