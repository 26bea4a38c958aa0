const ascending = (values: readonly number[]): number[] => values.toSorted((one, other) => one - other);

/** The value below which this share (0 to 1) of the values lies; NaN without values. */
export function quantile(values: readonly number[], share: number): number {
  return ascending(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;
}

/** The value in the middle, or the mean of the two there; NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  const above = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? above : (above + (sorted[middle - 1] ?? NaN)) / 2;
}
