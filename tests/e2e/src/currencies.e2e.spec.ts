import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { inParallel } from '@orderflow/client';
import { type OrderEvent, wordsFor } from '@orderflow/order-view';
import { eventsOfOrder, eventsOnceComplete } from './support/published-events.js';
import { onNode } from './support/other-node.js';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

/** ISO 4217 as its maintenance agency publishes it: code and digits, which are empty where a code has no minor unit. */
const listOne = new URL('../../../libs/contracts/test/iso-4217-2026-01-01.csv', import.meta.url);
const rows = (await readFile(listOne, 'utf8')).trim().split('\n').slice(1);
const digitsByCode = new Map(
  rows.flatMap((row) => {
    const [code, digits] = row.split(',');
    return digits === '' ? [] : [[code!, Number(digits)]];
  }),
);

// Every convention can express it: its last two digits are zeros, which MGA loses at the one provider and IDR at the other.
const PRICE = 1_234_500;
const written = ['1234500', '123450.0', '12345.00', '1234.500', '123.4500'];

/** The digits of the amount in the text of a mail. */
const mailed = (text: string): string | undefined =>
  /charged (.*)\.\n/
    .exec(text)?.[1]
    ?.replaceAll(/[^\d.]/g, '')
    .replace(/^\.+/, '');

/** Prints what the mail and the demo say of the amount in each currency. */
const TEXTS = `
import { currencies } from '@orderflow/contracts';
import { wordsFor } from '@orderflow/order-view';
import { renderMail } from './apps/notifications/dist/adapters/render-mail.js';
const textsOf = (currency) => {
  const facts = { amountMinor: ${PRICE}, currency };
  const mail = renderMail({ template: 'order-confirmed', facts }, 'an-order').text;
  return { mail, demo: wordsFor({ type: 'PaymentCaptured', data: facts }) };
};
console.log(JSON.stringify({
  cldr: process.versions.cldr,
  texts: Object.fromEntries(currencies.map((currency) => [currency, textsOf(currency)])),
}));`;

// The services run on Node 22.15 and later. Of what they do with an amount only the texts depend on the version: by its Intl.
it('an amount is written with the digits of ISO 4217 on Node 20 too, whose Intl has others', async () => {
  const { cldr, texts } = await onNode<{ cldr: string; texts: Record<string, { mail: string; demo: string }> }>(
    '20.12.2',
    TEXTS,
  );
  expect(cldr).not.toBe(process.versions['cldr']);
  expect(Object.keys(texts).toSorted()).toEqual([...digitsByCode.keys()].toSorted());
  for (const [currency, digits] of digitsByCode)
    expect([currency, mailed(texts[currency]!.mail), texts[currency]!.demo]).toEqual([
      currency,
      written[digits],
      `${written[digits]} ${currency} charged`,
    ]);
}, 120_000);

describe.each([
  { convention: 'iso', inexact: [] },
  { convention: 'stripe', inexact: ['MGA', 'KWD'] },
  { convention: 'adyen', inexact: ['IDR', 'CVE'] },
])('at a provider that writes amounts like $convention', ({ convention, inexact }) => {
  const system = new TestSystem({ env: { all: { PAYMENT_PROVIDER_AMOUNTS: convention } } });

  /** Everything that speaks of the amount of one order, from the product to the mail. */
  async function amountsIn(currency: string) {
    const { client } = system;
    const sku = fresh('sku');
    await client.stockUp({ sku, name: `Tea for ${currency}`, priceMinor: PRICE, currency }, 1);
    const orderId = await client.place({ lines: [{ sku, quantity: 1 }], currency });
    const order = await client.settled(orderId, 120_000);
    const events = await eventsOnceComplete(system.eventTap, orderId, eventsOfOrder.confirmed);
    const [charge] = await client.charges(orderId);
    const [mail] = await client.mails(orderId);
    const captured = events.find(({ event }) => event.type === 'PaymentCaptured')!.event as OrderEvent;
    return {
      order: [order.status, order.totalMinor, order.currency],
      event: (captured.data as { amountMinor: number }).amountMinor,
      ledger: [charge!.amountMinor, charge!.currency],
      mail: mailed(mail!.text),
      demo: wordsFor(captured),
    };
  }

  it('an order in every currency of ISO 4217 is charged, mailed and shown with its digits', async () => {
    expect(digitsByCode.size).toBe(165);
    const found = new Map<string, object>();
    await inParallel(digitsByCode.size, 16, async (index) => {
      const currency = [...digitsByCode.keys()][index]!;
      found.set(currency, await amountsIn(currency));
    });
    for (const [currency, digits] of digitsByCode)
      expect([currency, found.get(currency)]).toEqual([
        currency,
        {
          order: ['confirmed', PRICE, currency],
          event: PRICE,
          ledger: [PRICE, currency],
          mail: written[digits],
          demo: `${written[digits]} ${currency} charged`,
        },
      ]);
  }, 300_000);

  for (const currency of inexact)
    it(`an order in ${currency} that the provider cannot charge exactly is declined`, async () => {
      const { client } = system;
      const sku = fresh('sku');
      await client.stockUp({ sku, name: 'Tea', priceMinor: PRICE + 1, currency }, 1);
      const orderId = await client.place({ lines: [{ sku, quantity: 1 }], currency });
      expect(await client.settled(orderId)).toMatchObject({ cancelReason: 'payment_declined', payment: 'declined' });
      expect(await client.payment(orderId)).toMatchObject({ declineCode: 'amount_not_representable' });
      expect(await client.charges(orderId)).toEqual([]);
    });

  auditPasses(system);
});
