import { expect, it } from '@jest/globals';
import { BrowserPages } from './browser-pages.js';
import { nothingBroken } from './fixtures/breaks.js';
import { quietDay } from './fixtures/server.js';
import { confirmed, declined, hostile, rowOf, scripts, storyOf, waiting } from './fixtures/stories.js';

const pages = await BrowserPages.start((server) => {
  server.mode = 'full';
  server.scripts = scripts;
  server.day = quietDay;
  server.breaks = nothingBroken;
});
const { server, press, shows } = pages;

pages.describe('the pages', () => {
  it('are used by keys alone: from the list to an order, back in its time, into an event, and to another order', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/`);
    await shows('Just now');
    await press('g', 'o');
    await shows('8 orders in all');
    await press('j', 'j', 'j', 'Enter');
    await page.waitForURL(`**/orders/${declined.id}`);
    await shows('the customer was told');
    await press('ArrowLeft', 'ArrowLeft', 'ArrowLeft');
    await page.waitForURL(/at=2026-11-24T14%3A02%3A11.176Z/);
    await shows('Nothing can be changed there');
    await press('n', 'j');
    await page.waitForURL(/event=/);
    await page.getByRole('complementary', { name: 'Event OrderPlaced' }).waitFor();
    await press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    await press('/');
    await page.keyboard.type('ada');
    await page.getByRole('option', { name: 'ada' }).waitFor();
    await press('Enter');
    await page.waitForURL(`**/orders/${confirmed.id}`);
  });

  it('filter the orders by keys alone: by trouble, by reason, and by what was under way in the past', async () => {
    const { page } = pages;
    const choose = async (name: string | RegExp): Promise<void> => {
      await page.getByRole('link', { name }).focus();
      await press('Enter');
    };
    await page.goto(`${pages.url}/orders`);
    await shows('8 orders in all');
    await choose('In trouble 2');
    await page.waitForURL('**/orders?trouble=any');
    await shows('2 orders in all');
    // The chip before the first of the row is that of all orders which are cancelled, and two fields.
    await press('Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Enter');
    await page.waitForURL('**/orders?trouble=overdue');
    await shows('1 order in all');
    await choose('Cancelled 4');
    await page.waitForURL('**/orders?status=cancelled');
    await choose('deadline passed');
    await page.waitForURL('**/orders?status=cancelled&reason=timed_out');
    await shows('1 order in all');
    const current = page.locator('[aria-current]').filter({ hasText: /Cancelled|deadline|All|any/ });
    expect(await current.allTextContents()).toEqual(['Cancelled4', 'deadline passed']);
    await page.goto(`${pages.url}/orders?at=2026-11-24T14:02:16.000Z`);
    await choose(/^Under way/);
    await page.waitForURL('**/orders?at=2026-11-24T14%3A02%3A16.000Z&settled=false');
    await shows('1 order in all');
    expect(await page.getByRole('link', { name: /waits for a person/ }).count()).toBe(0);
  });

  it('show the flow by keys alone: from place to place of the map, and the same figures as tables', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/`);
    await shows('Just now');
    await press('g', 'f');
    await shows('Nothing is held back');
    const rate = await page.getByRole('link', { name: /^orders\.events/ }).textContent();
    await press('j', 'j', 'j', 'j', 'j');
    await page.waitForURL(/node=topic%3Aorders\.events/);
    await page.getByRole('link', { name: /selected/ }).waitFor();
    await press('Escape', 't');
    await page.waitForURL(/view=table/);
    const row = page
      .getByRole('table', { name: 'Topics, the last minute' })
      .getByRole('row', { name: /^orders\.events/ });
    expect((await row.textContent())?.replace(/\s/g, '')).toBe(rate?.replace(/\s/g, ''));
  });

  it('lead through the catalog by keys alone: into an event, to the next one, to its example, and back', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/`);
    await shows('Just now');
    await press('g', 'c');
    await shows('Events and services');
    await press('j', 'j', 'Enter');
    await page.waitForURL('**/catalog/OrderConfirmed');
    await shows('Every version reads every other');
    await press(']', ']', '[');
    await page.waitForURL('**/catalog/OrderCancelled');
    await press('Escape');
    await page.waitForURL('**/catalog');
  });

  it('go on asking for figures, and say of which time they are while the console does not answer', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/flow`);
    await shows('Nothing is held back');
    server.mode = 'silent';
    await shows('outbox not known since 15:01:58');
    server.mode = 'error';
    await shows('The console does not answer.');
    expect(await page.getByText('outbox not known since 15:01:58').count()).toBe(1);
    server.mode = 'full';
    await shows('Nothing is held back');
  });

  it('list the shortcuts of the page that is shown', async () => {
    await pages.page.goto(`${pages.url}/orders/${confirmed.id}`);
    await shows('Confirmed.');
    await press('?');
    const list = pages.page.getByRole('dialog', { name: 'Shortcuts on this page' });
    for (const words of ['find', 'next event', 'play or pause', 'back to now']) await list.getByText(words).waitFor();
  });

  it('show at each stop of the slider what the log contained then', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/orders/${declined.id}`);
    const slider = page.getByRole('slider', { name: 'Time of this order' });
    await slider.focus();
    await press('Home');
    const said = page.getByRole('button', { name: /said by/ });
    for (const [index, words] of [
      'Placed. Waits for inventory (StockReserved or StockRejected).',
      'Placed. The stock is reserved. Waits for payments (PaymentCaptured or PaymentDeclined).',
      'Placed. The stock is reserved. Waits for orders (OrderCancelled)',
      'Cancelled because the payment was declined. Stock is still held',
      'Cancelled because the payment was declined. Stock is back',
      'Cancelled because the payment was declined. Stock is back, nothing was charged, the customer was told.',
    ].entries()) {
      await page.locator('h1', { hasText: words }).waitFor();
      await said.nth(index).waitFor();
      expect(await said.count()).toBe(index + 1);
      await press('ArrowRight');
    }
    await page.waitForURL(({ searchParams }) => !searchParams.has('at'));
  });

  it('fill the lanes of an open order as its events arrive', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/orders/${waiting.id}`);
    await shows('or PaymentDeclined, owed');
    const later = { ...confirmed, id: waiting.id, placedAt: waiting.placedAt };
    server.scripts = [later];
    await server.push('order', storyOf(later));
    await shows('Confirmed. Paid, the stock has left, the customer was told.');
    expect(await page.getByRole('button', { name: /said by/ }).count()).toBe(6);
  });

  it('keep the rows of the list in their places while the pointer is on them, and take the new ones in on demand', async () => {
    const { page } = pages;
    server.scripts = scripts.filter((script) => script !== waiting);
    await page.goto(`${pages.url}/orders`);
    await shows('7 orders in all');
    await shows(/^\s*live$/);
    await page.getByRole('rowgroup').hover();
    await server.push('orders', {
      up: [rowOf(waiting)],
      counts: server.counts,
      more: 0,
      through: '2026-11-24T14:02:16.000Z',
    });
    await shows('1 new order');
    expect(await page.getByRole('rowgroup').getByText('linus').count()).toBe(0);
    await press('N');
    await page.getByRole('rowgroup').getByText('linus').waitFor();
    await shows('stock held, being charged · payments owes an answer');
  });

  it('ask again with the same key when it is not known whether an order was placed, and never place a second one', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/orders?place=1`);
    const form = page.getByRole('dialog', { name: 'Place an order' });
    await form.getByLabel('Customer').fill('ada');
    await form.getByLabel('E-mail').fill('ada@example.com');
    await form.getByLabel('Product of line 1').fill('tea');
    server.unanswered = 1;
    await form.getByRole('button', { name: 'Place it' }).click();
    await shows('Whether it was placed is not known');
    await page.waitForURL(`**/orders/${waiting.id}`);
    const keys = server.posted.map(({ key }) => key);
    expect(keys.length).toBeGreaterThanOrEqual(2);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('say at the field what is refused', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/orders?place=1`);
    const form = page.getByRole('dialog', { name: 'Place an order' });
    await form.getByLabel('Customer').fill('ada');
    await form.getByLabel('E-mail').fill('ada@example.com');
    await form.getByLabel('Product of line 1').fill('unknown');
    await form.getByRole('button', { name: 'Place it' }).click();
    await shows('is not on the price list');
    expect(await form.getByLabel('Product of line 1').getAttribute('aria-invalid')).toBe('true');
  });

  it('place the order of a button, and go to it', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/`);
    await page.getByRole('button', { name: 'is declined' }).click();
    await page.waitForURL(`**/orders/${waiting.id}`);
    expect(server.posted.map(({ path }) => path)).toEqual(['/api/examples/declined']);
  });

  it('play a day at the shop by keys, tell how far it is, and stop it', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/`);
    await page.getByRole('button', { name: 'Play a day' }).focus();
    await press('Enter');
    await shows('0 of 65 orders placed.');
    server.day = { ...server.day, accepted: 41 };
    await shows('41 of 65 orders placed.');
    expect(await page.getByRole('progressbar', { name: 'Orders of the day' }).getAttribute('value')).toBe('41');
    await page.getByRole('button', { name: 'Stop the day' }).click();
    await shows('Stopped: 41 of 65 orders placed.');
    await page.getByRole('button', { name: 'Play it again' }).waitFor();
    expect(server.posted.map(({ path }) => path)).toEqual(['/api/day', '/api/day/stop']);
    await page.getByRole('link', { name: 'Orders with the hottest product' }).click();
    await page.waitForURL('**/orders?sku=20025');
  });

  it('break the payment provider by keys for as long as the address says, and see it heal', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/`);
    await shows('Just now');
    await press('g', 'b');
    await page.getByRole('radio', { name: '10 s' }).focus();
    await press('ArrowRight', 'ArrowRight');
    await page.waitForURL('**/break?for=60');
    const away = page.getByRole('switch', { name: 'answers nothing but 503' });
    await away.focus();
    await press('Space');
    await shows(/Ends by itself in \d+ s/);
    expect(await away.getAttribute('aria-checked')).toBe('true');
    await away.focus();
    await press('Space');
    await shows('31 orders were under way when it ended; all of them were done 6.2 s later.');
    expect(await away.getAttribute('aria-checked')).toBe('false');
    expect(server.posted.map(({ path, body }) => [path, body])).toEqual([
      ['/api/breaks/provider-away', '{"forSeconds":60}'],
      ['/api/breaks/provider-away/end', ''],
    ]);
  });

  it('cancel an order only after it was asked', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/orders/${waiting.id}`);
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    expect(server.posted).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(server.posted.map(({ path }) => path)).toEqual([`/api/orders/${waiting.id}/cancel`]);
  });

  it('show text that looks like markup as text', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/orders/${hostile.id}?view=list`);
    await shows('<b>mallory</b>');
    expect(await page.locator('main img, main b, main script').count()).toBe(0);
    expect(await page.title()).toMatch(/^confirmed · 0198…bad0/);
  });

  it('keep of an order of 1,114 lines only those in sight in the document', async () => {
    const { page } = pages;
    const large = scripts.at(-1)!;
    await page.goto(`${pages.url}/orders/${large.id}`);
    await page.getByText('1,114 lines', { exact: true }).click();
    const table = page.getByRole('table', { name: 'Lines' });
    await table.getByText('SKU-10000').waitFor();
    expect(await table.getByRole('row').count()).toBeLessThan(60);
    await table.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await table.getByText('SKU-11113').waitFor();
  });

  it('say that the connection is lost and since when, and go on once it is back', async () => {
    server.mode = 'lost';
    await pages.page.goto(`${pages.url}/orders`);
    await shows(/connection lost .* ago/);
    server.mode = 'full';
    await shows(/^\s*live$/);
  });
});
