import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { BrowserPages } from './browser-pages.js';
import { faultsOf } from './faults.js';
import { LetterRoutes } from './fixtures/letter-routes.js';
import { SessionRoutes, tokens } from './fixtures/session-routes.js';
import { declined } from './fixtures/stories.js';

const pages = await BrowserPages.start((server) => {
  server.session = new SessionRoutes();
  server.session.isOn = true;
  server.letters = new LetterRoutes();
});
const { server, shows } = pages;

/** As the end of all tokens does. */
function expire(): void {
  server.session.end();
  server.endStreams();
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

pages.describe('a console that asks for tokens', () => {
  it('shows the page of a link once its reader has signed in, and says what is wrong with a token before', async () => {
    const { page } = pages;
    const link = `${pages.url}/orders/${declined.id}?view=list`;
    await page.goto(link);
    await shows('It is for operators.');
    expect(await page.getByText('0198').count()).toBe(0);
    await page.keyboard.type('not.a.token');
    await page.keyboard.press('Enter');
    await shows('does not accept this token');
    await signIn(page, tokens.customer);
    await shows('this token is not one');
    await signIn(page, tokens.operator);
    await shows('Cancelled because the payment was declined');
    expect(page.url()).toBe(link);
  });

  it('is entered by a link with a token, which stands in no address, request or history afterwards', async () => {
    const { page } = pages;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${pages.url}/orders?status=confirmed#token=${tokens.operator}`);
    await shows(/orders? in all/);
    expect(page.url()).toBe(`${pages.url}/orders?status=confirmed`);
    expect(asked.filter((address) => address.includes(tokens.operator))).toEqual([]);
    await page.reload();
    await shows(/orders? in all/);
    await page.goBack();
    expect(page.url()).toBe('about:blank');
  });

  it('tells of a link whose token has expired, and takes the token out of the address all the same', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/orders#token=an.old.token`);
    await shows('does not accept this token');
    expect(page.url()).toBe(`${pages.url}/orders`);
  });

  it('asks again when the session ends in the middle of a stream, and is back on the same page afterwards', async () => {
    const { page } = pages;
    const link = `${pages.url}/letters?letter=inventory/event/12`;
    await page.goto(`${link}#token=${tokens.operator}`);
    await page.getByRole('complementary', { name: 'Letter inventory/event/12' }).waitFor();
    expire();
    await shows('Your session has ended.');
    expect(await page.getByRole('complementary').count()).toBe(0);
    await signIn(page, tokens.operator);
    await page.getByRole('complementary', { name: 'Letter inventory/event/12' }).waitFor();
    expect(page.url()).toBe(link);
    await shows(/^\s*live$/);
  });

  it('is left in all tabs at once', async () => {
    const { page, context } = pages;
    await page.goto(`${pages.url}/orders#token=${tokens.operator}`);
    await shows('orders in all');
    const other = await context.newPage();
    await other.goto(`${pages.url}/letters`);
    await shows('2 queues', other);
    await page.getByRole('button', { name: 'Signed in as olga; sign out' }).click();
    await shows('Until');
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await shows('You are signed out.');
    await shows('You are signed out.', other);
    await page.reload();
    await shows('It is for operators.');
    await signIn(page, tokens.operator);
    await shows('orders in all');
    await shows('2 queues', other);
  });
});

pages.describe('what a role does not allow', () => {
  const buttonsNamed = (name: RegExp) => pages.page.getByRole('button', { name });
  const areDisabled = async (name: RegExp) =>
    buttonsNamed(name).evaluateAll((all) =>
      all.map((it) => `${(it as HTMLButtonElement).disabled} ${(it as HTMLButtonElement).title}`),
    );

  it('is disabled with the reason, by button, by key and by link', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/letters#token=${tokens.operator}`);
    await shows('You may retry.');
    expect(new Set(await areDisabled(/^(?:Discard|Settle|Acknowledge)/))).toEqual(
      new Set(['true Only an admin may do this.']),
    );
    expect(new Set(await areDisabled(/^Retry/))).toEqual(new Set(['false ']));
    await page.keyboard.press('j');
    await page.keyboard.press('d');
    await page.goto(`${pages.url}/letters?letter=inventory/event/12&do=discard&of=letter`);
    await page.getByRole('complementary', { name: 'Letter inventory/event/12' }).waitFor();
    await shows('You may retry.');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('leaves what is broken to be looked at', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/break#token=${tokens.operator}`);
    await shows('Only an admin may break something.');
    expect(await page.getByRole('switch', { disabled: false }).count()).toBe(0);
  });

  it('is allowed to an admin, whose name the token says', async () => {
    const { page } = pages;
    await page.goto(`${pages.url}/letters?letter=inventory/event/12&do=discard&of=letter#token=${tokens.admin}`);
    await shows('Recorded under the name that you are signed in with: adam');
    expect(await page.getByLabel('In whose name').count()).toBe(0);
    await page.getByLabel('Reason').fill('published by hand');
    await page.getByRole('button', { name: 'Discard it' }).click();
    await shows('asked 1 = 1 done');
    await page.goto(`${pages.url}/break`);
    await shows('Nothing was broken yet');
    expect(await page.getByRole('switch', { disabled: true }).count()).toBe(0);
  });
});

interface State {
  readonly name: string;
  readonly path: string;
  /** A text that stands on the page once it is complete. */
  readonly shows: string;
  readonly then?: (page: Page) => Promise<void>;
}

const as = (role: 'operator' | 'admin'): string => `#token=${tokens[role]}`;

const states: readonly State[] = [
  { name: 'sign-in', path: '/', shows: 'It is for operators.' },
  { name: 'sign-in-refused', path: '/#token=an.old.token', shows: 'does not accept this token' },
  {
    name: 'sign-in-ended',
    path: `/orders${as('operator')}`,
    shows: 'orders in all',
    then: async () => {
      expire();
      await shows('Your session has ended.');
    },
  },
  {
    name: 'account',
    path: `/orders${as('operator')}`,
    shows: 'orders in all',
    then: async (page) => {
      await page.getByRole('button', { name: 'Signed in as olga; sign out' }).click();
      await shows('Until');
    },
  },
  { name: 'letters-operator', path: `/letters${as('operator')}`, shows: 'You may retry.' },
  { name: 'break-operator', path: `/break${as('operator')}`, shows: 'Only an admin may break something.' },
  {
    name: 'letter-discard-admin',
    path: `/letters?letter=inventory/event/12&do=discard&of=letter${as('admin')}`,
    shows: 'Recorded under the name that you are signed in with',
  },
];

pages.describe('every state of a session is accessible on both screens in both themes, and fits', () => {
  it.each(states.map((state) => [state.name, state] as const))(
    '%s',
    async (name, { path, shows: text, then }) => {
      const { page } = pages;
      await page.goto(`${pages.url}${path}`);
      await shows(text);
      await then?.(page);
      await page.evaluate(async () => document.fonts.ready);
      expect(await faultsOf(page, name)).toEqual([]);
    },
    180_000,
  );
});

pages.describe('a console that asks for no token', () => {
  it('shows the page of a link that brings one, and no sign of a session', async () => {
    server.session.isOn = false;
    const { page } = pages;
    await page.goto(`${pages.url}/orders#token=${tokens.operator}`);
    await shows('orders in all');
    expect(page.url()).toBe(`${pages.url}/orders`);
    expect(await page.getByRole('button', { name: /sign out/ }).count()).toBe(0);
  });
});
