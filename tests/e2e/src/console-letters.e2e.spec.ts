import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { startBrowser } from '@orderflow/testing/browser';
import type { Page } from 'playwright-core';
import { addType, discardHeads, orderWithUntypedRecord, useUpAttempts } from './support/parked.js';
import { TestConsole } from './support/test-console.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const browser = await startBrowser();
const inBrowser = browser === undefined ? describe.skip : describe;

inBrowser('an operator at the console', () => {
  const system = new TestSystem();
  const pages = new TestConsole(system);
  let page: Page;

  beforeAll(async () => {
    page = await browser!.newPage({ reducedMotion: 'reduce' });
  });
  afterAll(async () => browser?.close());

  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const shows = async (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();
  const isFocused = (label: string): Promise<boolean> =>
    page.getByLabel(label).evaluate((element) => element === element.ownerDocument.activeElement);
  const typed = async (label: string, text: string): Promise<void> => {
    for (let tabs = 0; tabs < 20 && !(await isFocused(label)); tabs++) await press('Tab');
    await page.keyboard.type(text);
  };

  it('mends by keys alone a record that has stopped one order: the others flow, and it ends confirmed', async () => {
    const { client } = system;
    const { orderId, sku } = await orderWithUntypedRecord(system);
    for (const service of ['inventory', 'notifications'] as const) await useUpAttempts(system, service, orderId);
    expect(await client.settledOrder()).toMatchObject({ status: 'confirmed' });

    await page.goto(`${pages.url}/orders/${orderId}`);
    await shows('It waits for a person.');
    await press('g', 'l');
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    await shows('1 queue, 1 event waits behind');
    await press('j', 'r');
    await shows('Retry 1 event?');
    await press('Tab', 'Enter');
    await shows('Of 1: 0 would be handled, 1 fail.');
    await press('Escape');

    for (const service of ['inventory', 'notifications'] as const) await addType(system, service, orderId);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await press('r');
    await shows('Retry 1 event?');
    await press('Tab', 'Enter');
    await shows('Of 1: 1 would be handled, 0 fail.');
    await typed('In whose name', 'ada');
    await press('Enter');
    await shows('asked 1 = 1 done + 0 gone meanwhile + 0 refused');
    await shows('Of the 1 so far: 1 handled, 0 under way, 0 dead again.');
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    // The other service: the record is discarded, and the mail behind it is sent.
    await page.goto(`${pages.url}/letters`);
    await shows('1 queue, 1 event waits behind');
    await press('j', 'd');
    await shows('Discard 1 event?');
    await typed('Reason, kept with each of them', 'published by hand');
    await press('Enter');
    await shows('asked 1 = 1 done');
    await press('Escape');
    // It has no type at orders.views and payments either.
    await discardHeads(system, ['orders', 'payments'], orderId);
    expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed', stock: 'committed' });
    expect(await client.product(sku)).toMatchObject({ onHand: 6, reserved: 0, committed: 4 });
    expect(await client.mailsOf(orderId)).toEqual(['order-confirmed x1']);
    await page.goto(`${pages.url}/letters?log=1`);
    await shows('“published by hand”');
    const { items } = await pages.get<{ items: { action: string; operator: string }[] }>('/api/letters/actions');
    const byAda = items.filter(({ operator }) => operator === 'ada').map(({ action }) => action);
    expect(byAda).toEqual(expect.arrayContaining(['retry', 'discard']));
    await eventually(async () => shows('Nothing waits for a person.'));
  }, 300_000);

  auditPasses(system);
});
