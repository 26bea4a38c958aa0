import { expect, it } from '@jest/globals';
import type { LetterAddress } from '@orderflow/console-api';
import { BrowserPages } from './browser-pages.js';
import { faultsOf } from './faults.js';
import { LetterRoutes } from './fixtures/letter-routes.js';
import { letters } from './fixtures/letters.js';
import { declined, waiting } from './fixtures/stories.js';

const pages = await BrowserPages.start((server) => {
  server.letters = new LetterRoutes();
});
const { server, press, shows } = pages;

pages.describe('the page of dead letters', () => {
  const typed = async (label: string, text: string): Promise<void> => {
    const field = pages.page.getByLabel(label);
    // By Tab alone: a field that the keyboard does not reach would never have the focus.
    for (let tabs = 0; tabs < 20; tabs++) {
      if (await field.evaluate((element) => element === document.activeElement)) break;
      await press('Tab');
    }
    await pages.page.keyboard.type(text);
  };
  const actions = () =>
    server.posted
      .filter(({ path }) => path === '/api/letters/actions')
      .map(({ body }) => JSON.parse(body) as { action: string; expected: number; letters: LetterAddress[] });

  it('mends a group by keys alone: dry run, retry, and the figures add up', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/`);
    await shows('Needs a person');
    await press('g', 'l');
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    await shows('2 queues, 14 events wait behind');
    await press('j', 'r');
    await shows('Retry 2 events?');
    await press('Tab', 'Enter');
    await shows('Of 2: 2 would be handled, 0 fail.');
    await shows('Behind them 14 would follow');
    await shows('StockReserved ×2');
    expect(await faultsOf(page, 'letters-dry-run')).toEqual([]);
    await typed('In whose name', 'ada');
    await typed('How many?', '2');
    await press('Enter');
    await shows('asked 2 = 2 done + 0 gone meanwhile + 0 refused');
    await shows('Of the 2 so far: 2 handled, 0 under way, 0 dead again');
    expect(await faultsOf(page, 'letters-after')).toEqual([]);
    expect(actions()).toMatchObject([{ action: 'retry', expected: 2, letters: [{ id: '12' }, { id: '19' }] }]);
    await press('Escape');
    await page.getByText('2 queues, 14 events wait behind').waitFor({ state: 'detached' });
    await page.waitForURL(({ searchParams }) => !searchParams.has('do'));
  });

  it('says both figures where one of the letters was handled meanwhile, and does nothing', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/letters`);
    await shows('2 queues');
    await press('j', 'd');
    await shows('Discard 2 events?');
    server.letters.letters = letters.filter(({ id }) => id !== '19');
    await page.getByLabel('Reason').fill('published by hand');
    await page.getByLabel('In whose name').fill('ada');
    await page.getByLabel('How many?').fill('2');
    await page.getByRole('button', { name: 'Discard 2', exact: true }).click();
    await shows('You meant 2, and 1 is still as you saw it.');
    expect(await faultsOf(page, 'letters-409')).toEqual([]);
    expect(server.letters.letters).toContainEqual(expect.objectContaining({ id: '12' }));
    await page.getByRole('button', { name: 'Look again' }).click();
    await shows('1 queue, 9 events wait behind');
  });

  it('acts on the letters that were seen when the dialog opened, not on one that came later', async () => {
    const { page } = pages;
    server.letters.letters = letters.filter(({ id }) => id !== '19');
    await page.goto(`${pages.url}/letters`);
    await shows('1 queue, 9 events wait behind');
    await press('j', 'r');
    await shows('Retry 1 event?');
    server.letters.letters = letters;
    await shows('1 more letter came since, not included');
    await page.getByLabel('In whose name').fill('ada');
    await page.getByRole('button', { name: 'Retry it' }).click();
    await shows('asked 1 = 1 done');
    expect(actions()).toMatchObject([{ expected: 1, letters: [{ id: '12' }] }]);
  });

  it('selects letters of several groups, and does to each what it takes', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/letters`);
    await shows('2 queues');
    await press('j', 'j', 'x', 'j', 'j', 'x');
    await shows('1 event and 3 calls selected');
    await press('s');
    await shows('Settle 3 calls?');
    await page.getByLabel('Reason').fill('nothing at the provider');
    await page.getByLabel('In whose name').fill('ada');
    await page.getByLabel('How many?').fill('3');
    await page.getByRole('button', { name: 'Settle 3', exact: true }).click();
    await shows('asked 3 = 3 done');
    expect(actions()).toMatchObject([{ action: 'settle', as: 'void', letters: [{ kind: 'call' }, {}, {}] }]);
  });

  it('opens a letter of unknown origin as text', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/letters?letter=notifications/event/7&tab=content`);
    const content = page.getByRole('region', { name: 'Content' });
    await content.getByText('<script>alert(2)</script>').waitFor();
    const text = (await content.textContent()) ?? '';
    expect(text).toContain(
      '<img src=x onerror="alert(1)"><b>mallory</b> ⟨U+202E⟩gnp.exe⟨U+2066⟩ ⟨U+0007⟩⟨U+0000⟩ עברית',
    );
    expect(text.length).toBeGreaterThan(60_000);
    expect(await page.locator('main script, main img').count()).toBe(0);
  });

  it('gives the focus back to the row when a letter is closed', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/letters`);
    await shows('2 queues');
    await press('j', 'j', 'Enter');
    await page.getByRole('complementary', { name: 'Letter inventory/event/12' }).waitFor();
    await page.waitForURL(/letter=inventory/);
    await press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.textContent?.includes('inventory/12'));
  });

  it('does nothing in the past, and says why', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/letters?at=${declined.placedAt}&letter=inventory/event/12&do=retry&of=letter`);
    await shows('This list is of now');
    await shows('Nothing can be changed there');
    const buttons = page.getByRole('button', { name: /^(?:Retry|Discard|Settle|Acknowledge)/ });
    const isDisabled = await buttons.evaluateAll((all) => all.map((it) => (it as HTMLButtonElement).disabled));
    expect(isDisabled.length).toBeGreaterThan(5);
    expect(isDisabled).not.toContain(false);
    await press('Escape', 'j', 'r');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('shows what could be read where a service does not answer, and never says that nothing waits', async () => {
    server.letters.refusal = 'payments does not answer.';
    server.letters.letters = [];
    await pages.page.goto(`${pages.url}/letters`);
    await shows('The list is not whole.');
    await shows('payments does not answer.');
    expect(await pages.page.getByText('Nothing waits for a person').count()).toBe(0);
  });

  it('is reached from the page of the order that waits', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/orders/${waiting.id}`);
    await shows('It waits for a person.');
    await shows('9 events wait behind it');
    await page.getByRole('link', { name: '1 letter of this order' }).click();
    await page.waitForURL(`**/letters?orderId=${waiting.id}`);
    await shows('All letters');
    await shows('1 queue, 9 events wait behind');
  });
});
