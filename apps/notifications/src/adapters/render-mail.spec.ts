import { describe, expect, it } from '@jest/globals';
import { currencies, majorUnits } from '@orderflow/contracts';
import { renderMail } from './render-mail.js';

const text = (amountMinor: number, currency: string) =>
  renderMail({ template: 'order-confirmed', facts: { amountMinor, currency } }, 'an-order').text;

describe('a mail', () => {
  it('names the charged amount in the format of its currency', () => {
    expect(text(1900, 'EUR')).toContain('your order an-order is confirmed. We have charged €19.00.');
    expect(text(1900, 'JPY')).toContain('¥1,900.');
    expect(text(1900, 'KWD')).toMatch(/KWD\s1\.900\./);
    expect(text(123_450, 'HUF')).toMatch(/HUF\s1,234\.50\./);
    expect(text(Number.MAX_SAFE_INTEGER, 'IDR')).toMatch(/IDR\s90,071,992,547,409\.91\./);
  });

  it('has the digits of ISO 4217 in every currency, whatever Intl knows of it', () => {
    const written = (currency: string) =>
      /charged \D*([\d,.]+)\.\n/.exec(text(1_234_567, currency))?.[1]?.replaceAll(',', '');
    for (const currency of currencies)
      expect([currency, written(currency)]).toEqual([currency, majorUnits(1_234_567, currency)]);
  });

  it('names the minor units of a currency that was withdrawn since', () => {
    expect(text(1_900, 'DEM')).toContain('We have charged 1900 minor units of DEM.');
  });

  it('says that an order was free', () => {
    const facts = { amountMinor: 0, currency: 'EUR' };
    const { text } = renderMail({ template: 'order-confirmed', facts }, 'an-order');
    expect(text).toContain('your order an-order is confirmed. It costs nothing.');
  });

  it('names the reason of a cancellation, if known', () => {
    const text = (reason: 'out_of_stock' | 'unknown') =>
      renderMail({ template: 'order-cancelled', facts: { reason } }, 'an-order').text;
    expect(text('out_of_stock')).toContain('is cancelled, because not all of it is in stock.');
    expect(text('unknown')).toContain('is cancelled.');
  });

  it('names the refunded amount', () => {
    const content = { template: 'payment-refunded', facts: { amountMinor: 5, currency: 'USD' } } as const;
    expect(renderMail(content, 'an-order').text).toContain('refunded $0.05 for your order an-order.');
  });
});
