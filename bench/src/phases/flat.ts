/** The system may be this much later at the end than in the middle: a load that it sustains for ever makes it no later. */
const LATER_SECONDS = 0.5;

const meanOf = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / values.length;

/**
 * Whether a queue stays as it is under a constant load: its mean in the last third is that in the middle third, or more by less
 * than half a second of the load. The first third may still fill it.
 * @param lengths at equal intervals
 */
export function isFlat(lengths: readonly number[], perSecond: number): boolean {
  const third = Math.floor(lengths.length / 3);
  if (third === 0) return false;
  const [middle, last] = [lengths.slice(third, 2 * third), lengths.slice(-third)];
  return meanOf(last) <= meanOf(middle) + LATER_SECONDS * perSecond;
}
