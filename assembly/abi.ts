// What host and filter say to each other, written once. Like layout.ts this file is compiled by asc and by tsc alike and
// must remain portable: nothing but `export const NAME = integer expression over earlier names`, every value below 2^31.
// `docs/filter-abi.md` is its page. Descriptors and outcomes are those of layout.ts, and part of the ABI.
//
// A filter is called once per batch with the address of one record, the call. All addresses in it are in the filter's own
// memory: its private one, or the arena where it runs in place.
//
// ╒══════════════════ Block of a sandboxed filter ══════════════════╕   who writes
// │ config          as the manifest says, padded to 64               │   host, between two batches
// │ counters        64 × 8 B                                         │   filter
// │ state           as the manifest says, padded to 64               │   filter
// │ trace           TRACE_BYTES padded to 64, where there are messages│   filter
// │ call            CALL_BYTES                                       │   host; the cursor: filter
// │ active          256 × 2 B                                        │   host, once: 0, 1, 2 …
// ├──────────────── copied in for each batch ───────────────────────┤
// │ descriptors     count × 64 B                                     │   host
// ├──────────────── copied out behind each batch ───────────────────┤
// │ outcomes        count × 16 B                                     │   filter
// │ windows         count × (headroom + window), each padded to 16   │   filter, if it writes
// └──────────────────────────────────────────────────────────────────┘

/** Version of this contract; a host refuses filters that were made for another one. */
export const ABI_VERSION = 1;

// ── Call: what the host says to a whole batch ────────────────────────────────────────────────────────────────────────

export const CALL_BYTES = 128;
/** u32: packets to be judged, 1 to BATCH_COUNT. */
export const CALL_COUNT = 0;
/** u32: address of a list of u16: indices of those packets among descriptors and outcomes, in order. */
export const CALL_ACTIVE = 4;
/** u32: address of descriptor 0. */
export const CALL_DESCRIPTORS = 8;
/** u32: address of outcome 0. */
export const CALL_OUTCOMES = 12;
/** u32: position in the list to begin at: 0, or behind the packet for which the filter trapped. */
export const CALL_FIRST = 16;
/** u32: position in the list of the packet at hand; the filter stores it before it judges that packet. */
export const CALL_CURSOR = 20;
/** u64: nanoseconds since the line started; of a replay, since its first packet. Never goes back. */
export const CALL_NOW = 24;
/** u64: seed for random numbers, another one for each batch, the same in each replay. */
export const CALL_SEED = 32;
/** u32: address of the configuration, laid out by the manifest. */
export const CALL_CONFIG = 40;
/** u32: address of the counters, a u64 each. */
export const CALL_COUNTERS = 44;
/** u32: address of the state, all bytes 0 at first. */
export const CALL_STATE = 48;
/** u32: bytes of state. */
export const CALL_STATE_BYTES = 52;
/** u32: bytes of each frame that the filter may touch, counted from the frame's first. */
export const CALL_WINDOW = 56;
/** u32: bytes before each frame that the filter may use for pushing headers. */
export const CALL_HEADROOM = 60;
/** u32: address of the trace ring; 0 in release builds. */
export const CALL_TRACE = 64;
/** u32: CALL_FLAG_*. */
export const CALL_FLAGS = 68;

/** In `init`: the state is that of an earlier instance of the same state version. */
export const CALL_FLAG_STATE_KEPT = 1;

// ── Configuration: fields in the order declared, each aligned to its own size ────────────────────────────────────────

/** A prefix is 36 bytes, aligned to 4: u32 version (4 or 6), address as 4 words and mask as 4 words in network order. */
export const PREFIX_BYTES = 36;
export const PREFIX_VERSION = 0;
export const PREFIX_ADDRESS = 4;
export const PREFIX_MASK = 20;

// ── Block: room for the largest batch ────────────────────────────────────────────────────────────────────────────────

/** What the block, and its parts before the outcomes, are aligned to. */
export const BLOCK_ALIGNMENT = 64;
export const BLOCK_COUNTERS_BYTES = 512;
export const BLOCK_ACTIVE_BYTES = 512;
export const BLOCK_DESCRIPTORS_BYTES = 16384;
export const BLOCK_OUTCOMES_BYTES = 4096;
/**
 * Bytes of the block beside configuration (padded to 64), state (padded to 64), trace ring (padded to 64, where the manifest
 * has messages) and 256 × (headroom padded to 16 + window padded to 16).
 */
export const BLOCK_FIXED_BYTES =
  BLOCK_COUNTERS_BYTES + CALL_BYTES + BLOCK_ACTIVE_BYTES + BLOCK_DESCRIPTORS_BYTES + BLOCK_OUTCOMES_BYTES;

// ── Limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Bytes of window, unless the manifest asks for others. */
export const WINDOW_DEFAULT_BYTES = 128;
/** Bytes of window, at most. */
export const WINDOW_LIMIT_BYTES = 2048;
/** Bytes that may be pushed, at most. */
export const HEADROOM_LIMIT_BYTES = 128;
/** Bytes of state, at most: 16 MiB. */
export const STATE_LIMIT_BYTES = 16777216;
/** Bytes of the manifest, at most. */
export const MANIFEST_LIMIT_BYTES = 65536;

// ── Trace ring of debug builds: u32 records written, then records of 32 bytes that overwrite each other ──────────────

export const TRACE_COUNT = 128;
export const TRACE_RECORD_BYTES = 32;
export const TRACE_HEADER_BYTES = 32;
export const TRACE_BYTES = TRACE_HEADER_BYTES + TRACE_COUNT * TRACE_RECORD_BYTES;
/** u32: position of the packet in its batch. */
export const TRACE_PACKET = 0;
/** u32: number of the message in the manifest's list of messages. */
export const TRACE_MESSAGE = 4;
/** 3 × f64: values of the message. */
export const TRACE_VALUES = 8;
