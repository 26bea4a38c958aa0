// Each is bounded, so that a hostile reason takes linear time.
const VARYING = [
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi,
  // Ids and hashes: long words with a digit.
  /\b(?=[a-z_]{0,40}\d)[a-z0-9_]{16,80}\b/gi,
  /\b\d{4,20}\b/g,
];

const MOST_CHARACTERS = 160;

/** What a reason has in common with those of other letters that failed in the same way: ids and long numbers are left out. */
export function causeOf(reason: string): string {
  const line = reason.slice(0, 1_000).split('\n', 1)[0] ?? '';
  const common = VARYING.reduce((text, pattern) => text.replace(pattern, '…'), line).trim();
  return common.length > MOST_CHARACTERS ? `${common.slice(0, MOST_CHARACTERS - 1)}…` : common;
}
