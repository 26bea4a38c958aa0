/** The bounds of orders and products, each in this one place: requests, records and decisions are checked against the same ones. */
export const bounds = {
  /** Lines of an order; several may name the same SKU. */
  lines: 2_000,
  skuCharacters: 64,
  /** Units of one line. */
  quantity: 1_000_000,
  /**
   * Price of one unit in minor units, for any currency: 10^12 is ten thousand million in one with cents. A total may be lower
   * still: a setting of orders says what the payment provider charges at most.
   */
  priceMinor: 1_000_000_000_000,
  /** Bytes of the body of a request. */
  bodyBytes: 512 * 1024,
} as const;

/** Units of one SKU in an order; still an int of Avro and an integer of PostgreSQL. */
export const mostUnitsOfSku = bounds.lines * bounds.quantity;

/**
 * Characters that no text may have, as a part of a character class: control characters (PostgreSQL refuses NUL; the others corrupt
 * logs and mail headers), line separators, and invisible ones. Zero-width characters and those that reverse the direction of
 * the text make one name look like another. As escapes without the flag u: patterns in the OpenAPI document must mean the same
 * in every language.
 */
export const HIDDEN = String.raw`\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb`;

// Nor has a SKU blanks other than U+0020, fillers, variation selectors, private and no characters. Surrogates are not among
// them, and the last range stands as itself, for the same reason as above.
const HIDDEN_IN_SKU =
  HIDDEN +
  String.raw`\u00a0\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200a\u202f\u205f\u3000\u3164\ue000-\uf8ff\ufe00-\ufe0f\uffa0\ufff0-\uffff` +
  `${String.fromCodePoint(0xe0000)}-${String.fromCodePoint(0x10ffff)}`;

/** The characters of a SKU; `.` and `..` would vanish from a URL. {@link isSku} counts them too. */
export const SKU = new RegExp(
  String.raw`^(?!\.{1,2}$)[^ ${HIDDEN_IN_SKU}](?:[^${HIDDEN_IN_SKU}]*[^ ${HIDDEN_IN_SKU}])?$`,
  'u',
);

/** What {@link isSku} demands, in words. */
export const SKU_RULE = `must be 1 to ${bounds.skuCharacters} printable characters, without a blank at either end`;

/** Whether it can be a SKU. Upper and lower case are different products. */
export const isSku = (value: string): boolean =>
  (value.length <= bounds.skuCharacters || Array.from(value).length <= bounds.skuCharacters) &&
  SKU.test(value) &&
  value.isWellFormed();
