import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBrowser } from '@orderflow/testing/browser';
import type { Browser, Page } from 'playwright-core';
import type { Breaks, Day, Proof } from '@orderflow/console-api';
import { faultsOf } from './faults.js';
import * as proofs from './fixtures/proof.js';
import { broken, healed, nothingBroken } from './fixtures/breaks.js';
import { FixtureServer, type Mode, quietDay, underWay } from './fixtures/server.js';
import { cancelled, confirmed, declined, hostile, large, late, outOfStock, waiting } from './fixtures/stories.js';
import { openPage } from './open-page.js';

const server = new FixtureServer();
const browser: Browser | undefined = await startBrowser();
let url = '';

beforeAll(async () => {
  url = await server.start();
});

afterAll(async () => {
  await browser?.close();
  await server.stop();
});

interface State {
  readonly name: string;
  readonly path: string;
  readonly mode?: Mode;
  readonly day?: Day;
  readonly breaks?: Breaks;
  readonly proof?: Proof;
  /** A text that stands on the page once it is complete. */
  readonly shows: string;
}

const order = ({ id }: { id: string }, rest = ''): string => `/orders/${id}${rest}`;
const at = (script: { placedAt: string }, ms: number): string =>
  `at=${encodeURIComponent(new Date(Date.parse(script.placedAt) + ms).toISOString())}`;
const eventOf = ({ id }: { id: string }, index: number): string =>
  `event=0198f3a2-7e50-7000-8${String(index).padStart(3, '0')}-${id.slice(-12)}`;

const states: readonly State[] = [
  { name: 'now', path: '/', shows: 'done, all 6 events heard' },
  { name: 'now-empty', path: '/', mode: 'empty', shows: 'There is no order yet' },
  { name: 'now-error', path: '/', mode: 'error', shows: 'The newest orders could not be read' },
  { name: 'now-day', path: '/', day: underWay, shows: '23 of 65 orders placed, 1 refused' },
  { name: 'now-past', path: `/?${at(declined, 20)}`, shows: 'Nothing can be changed there' },
  { name: 'orders', path: '/orders', shows: '8 orders in all' },
  { name: 'orders-empty', path: '/orders', mode: 'empty', shows: 'There is no order yet' },
  { name: 'orders-filtered', path: '/orders?status=confirmed&sku=sugar', shows: 'No order matches' },
  { name: 'orders-reason', path: '/orders?status=cancelled&reason=timed_out', shows: '1 order in all' },
  { name: 'orders-reason-none', path: '/orders?status=cancelled&reason=unknown', shows: 'Without reason unknown' },
  { name: 'orders-trouble', path: '/orders?trouble=any', shows: '2 orders in all' },
  { name: 'orders-trouble-silent', path: '/orders?trouble=dead', mode: 'silent', shows: 'inventory does not answer' },
  { name: 'orders-trouble-none', path: '/orders?trouble=parked&customerId=ada', shows: 'No order matches' },
  { name: 'orders-trouble-past', path: `/orders?trouble=dead&${at(declined, 20)}`, shows: 'not known any more' },
  { name: 'orders-overdue-past', path: `/orders?trouble=overdue&${at(declined, 20)}`, shows: '1 order in all' },
  { name: 'orders-error', path: '/orders', mode: 'error', shows: 'The list could not be read' },
  { name: 'orders-loading', path: '/orders', mode: 'loading', shows: 'Orders' },
  { name: 'orders-behind', path: '/orders', mode: 'behind', shows: 'journal behind 4.2 s' },
  { name: 'orders-lost', path: '/orders', mode: 'lost', shows: 'connection lost' },
  { name: 'orders-past', path: `/orders?${at(declined, 20)}`, shows: 'Nothing can be changed there' },
  { name: 'orders-place', path: '/orders?place=1', shows: 'Add a line' },
  { name: 'order-confirmed', path: order(confirmed), shows: 'Confirmed.' },
  { name: 'order-declined', path: order(declined), shows: 'Cancelled because the payment was declined' },
  { name: 'order-out-of-stock', path: order(outOfStock), shows: 'Cancelled because stock was missing' },
  { name: 'order-late', path: order(late), shows: 'the money was refunded' },
  { name: 'order-cancelled', path: order(cancelled), shows: 'the customer asked for it' },
  { name: 'order-waiting', path: order(waiting), shows: 'Waits for payments' },
  { name: 'order-past', path: order(late, `?${at(late, 10_035)}`), shows: 'Stock is back' },
  { name: 'order-before', path: order(declined, `?${at(declined, -5000)}`), shows: 'It came to be at' },
  { name: 'order-event', path: order(declined, `?${eventOf(declined, 3)}`), shows: 'What it changed' },
  { name: 'order-event-data', path: order(confirmed, `?${eventOf(confirmed, 0)}&tab=data`), shows: 'totalMinor' },
  { name: 'order-event-record', path: order(confirmed, `?${eventOf(confirmed, 0)}&tab=record`), shows: '214 bytes' },
  { name: 'order-list', path: order(late, '?view=list'), shows: 'because of' },
  { name: 'order-hostile', path: order(hostile), shows: 'mallory' },
  { name: 'order-large', path: order(large), shows: '1,114 lines, ' },
  { name: 'order-unknown', path: '/orders/0198f3a2-7e4f-7000-8000-00000000ffff', shows: 'No order has this id' },
  { name: 'order-error', path: order(confirmed), mode: 'error', shows: 'could not be read' },
  { name: 'order-loading', path: order(confirmed), mode: 'loading', shows: 'The order is being read' },
  { name: 'flow', path: '/flow', shows: 'Nothing is held back' },
  { name: 'flow-table', path: '/flow?view=table', shows: 'Consumer groups' },
  { name: 'flow-topic', path: '/flow?node=topic%3Aorders.events', shows: 'Events, the last minute' },
  { name: 'flow-service', path: '/flow?node=service%3Ainventory', shows: 'Outboxes' },
  { name: 'flow-group', path: '/flow?node=group%3Aorders.views', shows: 'Topics of orders.views' },
  { name: 'flow-silent', path: '/flow', mode: 'silent', shows: 'Payments does not answer' },
  { name: 'flow-behind', path: '/flow', mode: 'behind', shows: 'The journal is behind' },
  { name: 'flow-empty', path: '/flow', mode: 'empty', shows: 'Nothing is held back' },
  { name: 'flow-error', path: '/flow', mode: 'error', shows: 'The flow could not be read' },
  { name: 'flow-loading', path: '/flow', mode: 'loading', shows: 'Each service publishes' },
  { name: 'flow-past', path: `/flow?${at(declined, 20)}`, shows: 'Only rates are known of then' },
  { name: 'catalog', path: '/catalog', shows: 'Events and services' },
  { name: 'catalog-silent', path: '/catalog', mode: 'silent', shows: 'The schema registry does not answer' },
  { name: 'catalog-empty', path: '/catalog', mode: 'empty', shows: 'never' },
  { name: 'catalog-error', path: '/catalog', mode: 'error', shows: 'The catalog could not be read' },
  { name: 'catalog-past', path: `/catalog?${at(declined, 20)}`, shows: 'Nothing can be changed there' },
  { name: 'catalog-event', path: '/catalog/OrderPlaced', shows: 'The newest one, appended' },
  { name: 'catalog-version', path: '/catalog/OrderPlaced?version=1.0.0', shows: 'no event of version 1.0.0' },
  { name: 'catalog-compensation', path: '/catalog/PaymentVoided', shows: 'Its data has no fields' },
  { name: 'catalog-beside', path: '/catalog/ProductChanged', shows: 'it keeps the price list' },
  {
    name: 'catalog-event-silent',
    path: '/catalog/StockReserved',
    mode: 'silent',
    shows: 'is not known since 15:01:58',
  },
  {
    name: 'catalog-event-error',
    path: '/catalog/StockReserved',
    mode: 'error',
    shows: 'The catalog could not be read',
  },
  { name: 'catalog-unknown', path: '/catalog/OrderEaten', shows: 'no event of this name' },
  { name: 'break', path: '/break?for=60', shows: 'Nothing was broken yet' },
  { name: 'break-broken', path: '/break', breaks: broken, shows: 'Ends by itself in' },
  { name: 'break-healed', path: '/break', breaks: healed, shows: 'all of them were done 6.2 s later' },
  { name: 'break-off', path: '/break', breaks: { ...nothingBroken, isOn: false, parts: [] }, shows: 'BREAKS=on' },
  { name: 'break-error', path: '/break', mode: 'error', shows: 'What is broken could not be read' },
  { name: 'break-loading', path: '/break', mode: 'loading', shows: 'What happens if' },
  { name: 'break-past', path: `/break?${at(declined, 20)}`, shows: 'Nothing can be changed there' },
  { name: 'letters', path: '/letters', shows: '412 records of payments.events/2 expired' },
  { name: 'letters-empty', path: '/letters', mode: 'empty', shows: 'Nothing waits for a person' },
  { name: 'letters-error', path: '/letters', mode: 'error', shows: 'The dead letters could not be read' },
  { name: 'letters-loading', path: '/letters', mode: 'loading', shows: 'Dead letters' },
  { name: 'letters-past', path: `/letters?${at(declined, 20)}`, shows: 'This list is of now' },
  { name: 'letters-log', path: '/letters?log=1', shows: 'refunded by hand, re_123' },
  { name: 'letter', path: '/letters?letter=inventory/event/12', shows: 'ada retried OrderPlaced inventory/12' },
  { name: 'letter-hostile', path: '/letters?letter=notifications/event/7&tab=content', shows: '<script>alert(2)' },
  { name: 'letter-hostile-record', path: '/letters?letter=notifications/event/7&tab=record', shows: 'ce_type' },
  { name: 'letter-gone', path: '/letters?letter=inventory/event/999', shows: 'It is no letter any more' },
  { name: 'letters-retry', path: '/letters?do=retry&of=inventory.event.dead.OrderPlaced.60', shows: 'Retry 2 events?' },
  { name: 'letter-settle', path: `/letters?letter=payments/call/charge-${late.id}&do=settle&of=letter`, shows: 'As' },
  { name: 'proof', path: '/proof', shows: 'All 8 rules held.' },
  { name: 'proof-never', path: '/proof', proof: proofs.never, shows: 'No audit was posted yet' },
  { name: 'proof-broken', path: '/proof', proof: proofs.broken, shows: '2 of 8 rules were broken.' },
  { name: 'proof-silent', path: '/proof', proof: proofs.silent, shows: 'added up, more than a day ago' },
  { name: 'proof-earlier', path: '/proof?audit=2026-11-24T13:01:40.000Z', shows: 'An earlier audit' },
  { name: 'proof-gone', path: '/proof?audit=2026-11-23T13:01:40.000Z', shows: 'That audit could not be read' },
  { name: 'proof-past', path: `/proof?${at(declined, 20)}`, proof: proofs.past, shows: 'Sums of the past are kept' },
  { name: 'proof-error', path: '/proof', mode: 'error', shows: 'The proof could not be read' },
  { name: 'proof-loading', path: '/proof', mode: 'loading', shows: 'Does it all add up?' },
  { name: 'not-found', path: '/nothing', shows: 'No such page' },
];

async function show(
  page: Page,
  { path, mode = 'full', day = quietDay, breaks = nothingBroken, proof = proofs.green, shows }: State,
): Promise<void> {
  server.mode = mode;
  server.day = day;
  server.breaks = breaks;
  server.proof = proof;
  await page.goto(`${url}${path}`);
  await page.getByText(shows).first().waitFor({ state: 'attached' });
  await page.evaluate(async () => document.fonts.ready);
}

const inBrowser = browser === undefined ? describe.skip : describe;

inBrowser('every state of the pages is accessible on both screens in both themes, fits, and asks no other host', () => {
  it.each(states.map((state) => [state.name, state] as const))('%s', async (_name, state) => {
    const { context, page, faults } = await openPage(browser!, url);
    await show(page, state);
    faults.push(...(await faultsOf(page, state.name)));
    await context.close();
    expect(faults).toEqual([]);
  });
});
