import { minorDigits } from '@orderflow/contracts';

/** The conventions of two providers whose amounts differ from ISO 4217, as their documentation has them. */
export const amountConventions = ['iso', 'stripe', 'adyen'] as const;
export type AmountConvention = (typeof amountConventions)[number];

// What one unit of an amount is worth: digits behind the decimal point of the major unit.
const ownDigits: Record<AmountConvention, ReadonlyMap<string, number>> = {
  iso: new Map(),
  stripe: new Map([
    ['ISK', 2],
    ['MGA', 0],
    ['UGX', 2],
  ]),
  adyen: new Map([
    ['CLP', 2],
    ['CVE', 0],
    ['IDR', 0],
    ['ISK', 2],
  ]),
};

// Amounts of these end in a zero.
const STRIPE_THREE_DECIMALS = ['BHD', 'JOD', 'KWD', 'OMR', 'TND'];

/**
 * An amount of a request in the minor unit of ISO 4217, which is what the ledger holds. A client that writes amounts in
 * another convention than the provider shows in the ledger.
 * @returns undefined for an amount that the provider does not accept
 */
export function ledgerAmount(amount: number, currency: string, convention: AmountConvention): number | undefined {
  if (convention === 'stripe' && STRIPE_THREE_DECIMALS.includes(currency) && amount % 10 !== 0) return undefined;
  const isoDigits = minorDigits(currency)!;
  const shift = isoDigits - (ownDigits[convention].get(currency) ?? isoDigits);
  if (shift >= 0) return amount * 10 ** shift;
  const factor = 10 ** -shift;
  return amount % factor === 0 ? amount / factor : undefined;
}
