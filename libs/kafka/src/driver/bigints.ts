/** The larger of two offsets or counts. */
export const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** The smaller of two offsets or counts. */
export const min = (one: bigint, other: bigint): bigint => (one < other ? one : other);
