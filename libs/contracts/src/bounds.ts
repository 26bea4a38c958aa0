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

// Control characters, blanks other than U+0020, bidi and zero-width characters, fillers, private and no characters. Surrogates
// are not among them, and the last range stands as itself: patterns in the OpenAPI document must mean the same in every language.
const HIDDEN =
  String.raw`\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff` +
  `${String.fromCodePoint(0xe0000)}-${String.fromCodePoint(0x10ffff)}`;

/** The characters of a SKU; `.` and `..` would vanish from a URL. {@link isSku} counts them too. */
export const SKU = new RegExp(String.raw`^(?!\.{1,2}$)[^ ${HIDDEN}](?:[^${HIDDEN}]*[^ ${HIDDEN}])?$`, 'u');

/** What {@link isSku} demands, in words. */
export const SKU_RULE = `must be 1 to ${bounds.skuCharacters} printable characters, without a blank at either end`;

/** Whether it can be a SKU. Upper and lower case are different products. */
export const isSku = (value: string): boolean =>
  (value.length <= bounds.skuCharacters || Array.from(value).length <= bounds.skuCharacters) &&
  SKU.test(value) &&
  value.isWellFormed();
