// ISO 4217, list one (active currencies) as published on 2026-01-01: 178 codes by the number of digits of their minor unit.
// https://www.six-group.com/en/products-services/financial-information/data-standards.html
// Never Intl: its digits are CLDR's, which differ for sixteen of these codes and change with a patch release of Node.
const codesByDigits: readonly [digits: number | undefined, codes: string][] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU
     CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
     KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
     NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
     TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
  // Metals, bond units, drawing rights, tests and "no currency": no minor unit, so that no amount of ours can be written.
  [undefined, 'XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX'],
];

const digitsByCode: ReadonlyMap<string, number | undefined> = new Map(
  codesByDigits.flatMap(([digits, codes]) => codes.split(/\s+/).map((code) => [code, digits] as const)),
);

/** The codes that an amount may have: active, and with a minor unit. */
export const currencies: readonly string[] = [...digitsByCode]
  .flatMap(([code, digits]) => (digits === undefined ? [] : [code]))
  .sort();

/** @returns why no amount can be in this currency, in words that follow the name of a field; undefined where it can */
export function refusalOfCurrency(code: string): string | undefined {
  if (!/^[A-Z]{3}$/.test(code)) return 'must be three capital letters, such as EUR';
  // guard: an amount has a currency of ISO 4217 with a minor unit
  if (!digitsByCode.has(code)) return `must be an active currency of ISO 4217, and ${code} is not`;
  return digitsByCode.get(code) === undefined ? `must have a minor unit, and ${code} has none` : undefined;
}

/** @returns how many digits of an amount in minor units are behind the decimal point; undefined where `refusalOfCurrency` objects */
export const minorDigits = (currency: string): number | undefined => digitsByCode.get(currency);

/**
 * @param amountMinor whole minor units, at most 2^53
 * @returns the amount in major units, exact: `1234.50` for 123450 HUF, `-0.005` for -5 KWD
 * @throws RangeError for a currency without a minor unit, or an amount that is not whole
 */
export function majorUnits(amountMinor: number, currency: string): `${number}` {
  const digits = minorDigits(currency);
  if (digits === undefined || !Number.isSafeInteger(amountMinor))
    throw new RangeError(`${amountMinor} ${currency} is no amount of minor units`);
  const sign = amountMinor < 0 ? '-' : '';
  // By its digits: a quotient of floats is not exact from 2^53 / 10^digits.
  const text = String(Math.abs(amountMinor)).padStart(digits + 1, '0');
  const point = text.length - digits;
  return `${sign}${text.slice(0, point)}${digits === 0 ? '' : `.${text.slice(point)}`}` as `${number}`;
}

/**
 * An amount for operators: `12.30 EUR` for 1230 minor units. A code that is no currency (any more) keeps its minor units, since
 * an old row must not stop an audit: `1230 minor units of DEM`.
 */
export function amountText(amountMinor: number, currency: string): string {
  return minorDigits(currency) === undefined
    ? `${amountMinor} minor units of ${currency}`
    : `${majorUnits(amountMinor, currency)} ${currency}`;
}
