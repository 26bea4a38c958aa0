import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBrowser } from '@orderflow/testing/browser';
import type { Page } from 'playwright-core';
import { TestConsole } from './support/test-console.js';
import { TestSystem } from './support/test-system.js';

const browser = await startBrowser();
const inBrowser = browser === undefined ? describe.skip : describe;

inBrowser('a visitor of the console', () => {
  const system = new TestSystem({
    env: { orders: { ORDER_DEADLINE_SECONDS: '20' }, sandbox: { SILENCE_SECONDS: '23' } },
  });
  const pages = new TestConsole(system);
  let page: Page;

  beforeAll(async () => {
    page = await browser!.newPage({ reducedMotion: 'reduce' });
  });
  afterAll(async () => browser?.close());

  it.each([
    ['is confirmed', 'Confirmed. Paid, the stock has left, the customer was told.'],
    [
      'runs out of stock',
      'Cancelled because stock was missing. No stock was held, nothing was charged, the customer was told.',
    ],
    [
      'is declined',
      'Cancelled because the payment was declined. Stock is back, nothing was charged, the customer was told.',
    ],
    [
      'is answered too late',
      'Cancelled because its deadline passed. Stock is back, the money was refunded, the customer was told.',
    ],
    [
      'is cancelled',
      /Cancelled because the customer asked for it. Stock is back, (nothing was charged|the money was refunded), the customer was told./,
    ],
  ] as const)(
    'places an order that %s, and sees without a reload how it ends',
    async (words, sentence) => {
      await page.goto(pages.url);
      await page.getByRole('button', { name: words }).click();
      await page.waitForURL('**/orders/*');
      await page.getByText(sentence).waitFor({ timeout: 120_000 });
      const orderId = new URL(page.url()).pathname.split('/').at(-1)!;
      const order = await system.client.settled(orderId, 60_000);
      const shown = await page.getByRole('button', { name: /said by/ }).count();
      const { events } = await pages.get<{ events: unknown[] }>(`/api/orders/${orderId}/story`);
      expect(shown).toBe(events.length);
      expect(order.settled).toBe(true);
      await page.keyboard.press('Home');
      await page.getByText('Placed. Waits for inventory').waitFor();
    },
    300_000,
  );

  it('sees every figure of the flow, and an example of each event that these orders led to', async () => {
    await page.goto(`${pages.url}/flow`);
    await page.getByText('Nothing is held back').waitFor({ timeout: 30_000 });
    expect(await page.getByText('not known').count()).toBe(0);
    await page.getByRole('link', { name: /^console\.journal/ }).click();
    await page.getByRole('table', { name: 'Topics of console.journal' }).waitFor();
    await page.goto(`${pages.url}/catalog/PaymentRefunded`);
    await page.getByText('The newest one, appended').waitFor({ timeout: 30_000 });
    await page.getByText('The registry demands it.').waitFor();
  }, 300_000);

  it('says what is not known and what waits while a service is down, and that nothing does once it is back', async () => {
    await system.kill('payments');
    await page.goto(pages.url);
    await page.getByRole('button', { name: 'is confirmed' }).click();
    await page.waitForURL('**/orders/*');
    await page.goto(`${pages.url}/flow`);
    const payments = page.getByRole('link', { name: /^payments\s*outbox not known since/ });
    await payments.waitFor({ timeout: 30_000 });
    await page.getByText(/The group payments: \d+ records behind/).waitFor({ timeout: 30_000 });
    await system.start('payments');
    await page.getByText('Nothing is held back').waitFor({ timeout: 60_000 });
    expect(await payments.count()).toBe(0);
  }, 300_000);
});
