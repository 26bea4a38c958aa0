import { describe, expect, it } from '@jest/globals';
import { renderMail } from './render-mail.js';

describe('a content', () => {
  it('says what was charged, as the currency is written', () => {
    const text = (amountMinor: number, currency: string) =>
      renderMail({ template: 'order-confirmed', facts: { amountMinor, currency } }, 'an-order').text;
    expect(text(1900, 'EUR')).toContain('your order an-order is confirmed. We have charged €19.00.');
    expect(text(1900, 'JPY')).toContain('¥1,900.');
    expect(text(1900, 'KWD')).toMatch(/KWD\s1\.900\./);
  });

  it('says why an order is cancelled, where that is known', () => {
    const text = (reason: 'out_of_stock' | 'unknown') =>
      renderMail({ template: 'order-cancelled', facts: { reason } }, 'an-order').text;
    expect(text('out_of_stock')).toContain('is cancelled, because not all of it is in stock.');
    expect(text('unknown')).toContain('is cancelled.');
  });

  it('says what comes back', () => {
    const content = { template: 'payment-refunded', facts: { amountMinor: 5, currency: 'USD' } } as const;
    expect(renderMail(content, 'an-order').text).toContain('refunded $0.05 for your order an-order.');
  });
});
