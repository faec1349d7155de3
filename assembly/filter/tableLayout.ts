// How the tables of the filter library lie in the state. Like layout.ts this file is compiled by asc and by tsc alike and
// must remain portable: nothing but `export const NAME = integer expression over earlier names`.

/** Before the key that is looked for, the chains and the entries of a table: u32 fields, but for the last two. */
export const TABLE_BYTES = 64;
export const TABLE_CAPACITY = 0;
export const TABLE_KEY_BYTES = 4;
export const TABLE_VALUE_BYTES = 8;
export const TABLE_BUCKETS = 12;
export const TABLE_COUNT = 16;
/** Index + 1 of the entry that was used last; 0: none. */
export const TABLE_NEWEST = 20;
/** u64. */
export const TABLE_EVICTIONS = 48;

/** Before the key and the value of an entry. */
export const ENTRY_BYTES = 16;
/** u32: index + 1 of the entry that was used before this one; 0: none. */
export const ENTRY_OLDER = 8;

/** Keys: both ends of a flow; one address; a number. */
export const PAIR_KEY_BYTES = 40;
export const ADDRESS_KEY_BYTES = 24;
export const NUMBER_KEY_BYTES = 8;

export const TOKEN_BUCKET_BYTES = 16;

/** Before the nodes of a prefix table, two of them roots. */
export const PREFIX_TABLE_BYTES = 64;
export const PREFIX_NODE_BYTES = 32;
