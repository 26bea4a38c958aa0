import { minorDigits } from '@orderflow/contracts';
import type { Money } from '../domain/payment.js';

/** How a provider writes amounts. `iso`: in the minor unit of ISO 4217. */
export const amountConventions = ['iso', 'stripe', 'adyen'] as const;
export type AmountConvention = (typeof amountConventions)[number];

/** Where a provider's amounts differ from ISO 4217. */
interface Differences {
  /** Digits of its own minor unit. */
  readonly digits: Readonly<Record<string, number>>;
  /** Currencies whose amounts, in that unit, are multiples of this. */
  readonly multiples: Readonly<Record<string, number>>;
}

const differences: Readonly<Record<AmountConvention, Differences>> = {
  iso: { digits: {}, multiples: {} },
  // https://docs.stripe.com/currencies#special-cases, #zero-decimal, #three-decimal
  stripe: {
    digits: { ISK: 2, MGA: 0, UGX: 2 },
    multiples: { ISK: 100, UGX: 100, BHD: 10, JOD: 10, KWD: 10, OMR: 10, TND: 10 },
  },
  // https://docs.adyen.com/development-resources/currency-codes
  adyen: { digits: { CLP: 2, CVE: 0, IDR: 0, ISK: 2 }, multiples: {} },
};

/**
 * An amount as the provider writes it.
 * @returns undefined where the provider cannot express it: nothing is rounded, neither for the customer nor for the shop
 */
export function providerAmount({ amountMinor, currency }: Money, convention: AmountConvention): number | undefined {
  const { digits, multiples } = differences[convention];
  const isoDigits = minorDigits(currency);
  if (isoDigits === undefined) return undefined;
  const shift = (digits[currency] ?? isoDigits) - isoDigits;
  // Whole factors only: 10 ** -2 is no exact number.
  const factor = 10 ** Math.abs(shift);
  if (shift < 0 && amountMinor % factor !== 0) return undefined;
  const amount = shift < 0 ? amountMinor / factor : amountMinor * factor;
  return Number.isSafeInteger(amount) && amount % (multiples[currency] ?? 1) === 0 ? amount : undefined;
}
