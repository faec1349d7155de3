// The memory of the io_uring engine, written once, and portable as layout.ts is. It is a memory of its own, since it
// holds native addresses that the kernel writes to: no filter of any kind can import it.
//
// ╒═══════════════ Ring memory ════════════════╕   who writes
// │ nothing                 64 B               │   no one: address 0 is never valid
// │ control                192 B               │   RING_CONTROL_OFFSET    host: where things lie · driver: counts
// │ ports        64 × 64 B                     │   RING_PORTS_OFFSET      host: set-up · driver: state
// │ argument              4096 B               │   RING_ARGUMENT_OFFSET   host and kernel: set-up and registration
// │ inbound     256 × 16 B                     │   RING_INBOUND_OFFSET    driver
// │ outbound    256 × 16 B                     │   RING_OUTBOUND_OFFSET   line
// │ done        768 × 16 B                     │   RING_DONE_OFFSET       driver, host
// │ postponed   512 × 16 B                     │   RING_POSTPONED_OFFSET  driver
// │ offer       256 × 2 B                      │   RING_OFFER_OFFSET      host
// │ queues       64 × 2 KiB                    │   RING_QUEUES_OFFSET     driver: frames read, not yet handed on
// │ slots         n × 28 B                     │   RING_SLOTS_OFFSET      host: places · driver: who owns them
// ├─ whole pages, at addresses in control ─────┤
// │ submission entries, rings                  │   driver and kernel
// │ buffer rings, one for each port            │   driver
// └────────────────────────────────────────────┘

import { BATCH_COUNT, PORT_COUNT, RECORD_BYTES } from './layout.ts';

/** Version of this map; the loader refuses a driver with another one. */
export const RING_LAYOUT_VERSION = 2;

// ── Counts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The kernel's page: rings and buffer rings begin at one. */
export const RING_PAGE_BYTES = 4096;
/** Writes that the kernel has at one time, at most. */
export const RING_WRITE_COUNT = BATCH_COUNT;
/** Completions of one turn, at most: writes that the kernel had, those that had waited, and those refused at once. */
export const RING_DONE_COUNT = 3 * BATCH_COUNT;
/** Writes that the kernel did not take, of one step: those that it had, and those behind them. */
export const RING_POSTPONED_COUNT = 2 * BATCH_COUNT;
/** Entries of a port's buffer ring, a power of two. */
export const RING_BUFFER_COUNT = BATCH_COUNT;
/** `struct io_uring_buf` of `<linux/io_uring.h>`. */
export const RING_BUFFER_BYTES = 16;

// ── Records ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const RING_CONTROL_BYTES = 192;
export const RING_PORT_BYTES = 64;
export const RING_QUEUED_BYTES = 8;
export const RING_SLOT_BYTES = 28;

// ── Regions ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const RING_CONTROL_OFFSET = 64;
export const RING_PORTS_OFFSET = RING_CONTROL_OFFSET + RING_CONTROL_BYTES;
export const RING_ARGUMENT_OFFSET = RING_PORTS_OFFSET + PORT_COUNT * RING_PORT_BYTES;
export const RING_INBOUND_OFFSET = RING_ARGUMENT_OFFSET + RING_PAGE_BYTES;
export const RING_OUTBOUND_OFFSET = RING_INBOUND_OFFSET + BATCH_COUNT * RECORD_BYTES;
export const RING_DONE_OFFSET = RING_OUTBOUND_OFFSET + BATCH_COUNT * RECORD_BYTES;
export const RING_POSTPONED_OFFSET = RING_DONE_OFFSET + RING_DONE_COUNT * RECORD_BYTES;
export const RING_OFFER_OFFSET = RING_POSTPONED_OFFSET + RING_POSTPONED_COUNT * RECORD_BYTES;
export const RING_QUEUES_OFFSET = RING_OFFER_OFFSET + BATCH_COUNT * 2;
export const RING_QUEUE_BYTES = RING_BUFFER_COUNT * RING_QUEUED_BYTES;
export const RING_SLOTS_OFFSET = RING_QUEUES_OFFSET + PORT_COUNT * RING_QUEUE_BYTES;

// ── Control ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** u64: native address of the arena. */
export const RING_ARENA = 0;
/** u32: slots of the arena. */
export const RING_SLOT_COUNT = 8;
/** u32: number behind that of the last port. */
export const RING_PORT_LIMIT = 12;
/** u32 each: addresses of the submission entries, and of the ring's words; the kernel chose where they lie in its page. */
export const RING_SQES = 16;
export const RING_SQ_HEAD = 20;
export const RING_SQ_TAIL = 24;
export const RING_SQ_FLAGS = 28;
export const RING_CQES = 32;
export const RING_CQ_HEAD = 36;
export const RING_CQ_TAIL = 40;
export const RING_CQ_FLAGS = 44;
/** u32 each: entries, powers of two. */
export const RING_SQ_ENTRIES = 48;
export const RING_CQ_ENTRIES = 52;
/** u32: records at RING_DONE_OFFSET; the host adds to it, too, and sets it to 0 at the start of a turn. */
export const RING_DONE = 56;
/** u32: records at RING_POSTPONED_OFFSET; the host takes them, and sets it to 0. */
export const RING_POSTPONED = 60;
/** u32: writes that were prepared and not yet answered. */
export const RING_WRITING = 64;
/** u32: frames in all queues. */
export const RING_QUEUED = 68;
/** u32: the port with which the next hand-out begins. */
export const RING_FIRST = 72;
/** u32: reads that failed with an errno that has no meaning here. */
export const RING_READ_ERRORS = 76;
/** u32: completions of the kernel that made no sense; always 0. */
export const RING_STRAYS = 80;

// ── Port ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** u32: RING_PORT_*. */
export const RING_PORT_FLAGS = 0;
/** u32: 1 while writes wait with the host: others have to wait behind them. */
export const RING_PORT_WAITING = 4;
/** u32: address of the buffer ring. */
export const RING_PORT_BUFFERS = 8;
/** u32: slots that the kernel may fill. */
export const RING_PORT_OFFERED = 12;
/** u32: entries that were ever put into the buffer ring. */
export const RING_PORT_TAIL = 16;
/** u32: bytes that a read may fill. */
export const RING_PORT_READ_BYTES = 20;
/** u32: bytes from the slot to where a read puts its first byte. */
export const RING_PORT_READ_OFFSET = 24;
/** u32: slots that may be offered or queued at one time. */
export const RING_PORT_LIMIT_COUNT = 28;
/** u32 each: the queue of frames that were read. */
export const RING_PORT_QUEUE_HEAD = 32;
export const RING_PORT_QUEUE_COUNT = 36;
/** u32: records of the port at RING_POSTPONED_OFFSET that the kernel sent back. */
export const RING_PORT_POSTPONED = 40;
/** u32: length of its frames lately, for the size of its batches. */
export const RING_PORT_MEAN_BYTES = 44;
/** u32 each: its writes so far, and the last of them that the kernel took. Failures are reported behind successes. */
export const RING_PORT_SEQUENCE = 48;
export const RING_PORT_TAKEN = 52;
/** u32: frames that the kernel has written, copies included; whoever finds a dead thread's ring compares. */
export const RING_PORT_WRITTEN = 56;

export const RING_PORT_USED = 1;
/** A multishot read is armed. */
export const RING_PORT_ARMED = 2;
/** It never comes back. */
export const RING_PORT_GONE = 4;
/** The last write found the interface down. */
export const RING_PORT_DOWN = 8;
/** The last read failed for no reason that we know: the next one waits a moment. */
export const RING_PORT_FAILED = 16;

// ── Slot: where it lies, and whose it is ─────────────────────────────────────────────────────────────────────────────

/** u32 each: its offset in the arena, and its bytes. */
export const RING_SLOT_ADDRESS = 0;
export const RING_SLOT_STRIDE = 4;
/** u32: RING_OWNER_*. */
export const RING_SLOT_OWNER = 8;
/** u32 each: port word, length and offset of the record by which it is written; or the port that it was offered to. */
export const RING_SLOT_PORT = 12;
export const RING_SLOT_LENGTH = 16;
export const RING_SLOT_START = 20;
/** u32: which of the port's writes it is, counted without end. */
export const RING_SLOT_SEQUENCE = 24;

/** Not the engine's. */
export const RING_OWNER_NONE = 0;
/** The kernel may fill it. */
export const RING_OWNER_OFFERED = 1;
/** It was filled and waits to be handed on. */
export const RING_OWNER_QUEUED = 2;
/** It is being written. */
export const RING_OWNER_WRITING = 3;
/** Its write waits. */
export const RING_OWNER_POSTPONED = 4;

// ── Batches ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A port offers slots for about so many bytes: a batch that is written out while it is still in the cache. */
export const RING_BATCH_BYTES = 1048576;
/** And for so many frames at least. */
export const RING_BATCH_LEAST = 8;
