import { describe, expect, it } from '@jest/globals';
import { renderMail } from './render-mail.js';

describe('a mail', () => {
  it('names the charged amount in the format of its currency', () => {
    const text = (amountMinor: number, currency: string) =>
      renderMail({ template: 'order-confirmed', facts: { amountMinor, currency } }, 'an-order').text;
    expect(text(1900, 'EUR')).toContain('your order an-order is confirmed. We have charged €19.00.');
    expect(text(1900, 'JPY')).toContain('¥1,900.');
    expect(text(1900, 'KWD')).toMatch(/KWD\s1\.900\./);
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
