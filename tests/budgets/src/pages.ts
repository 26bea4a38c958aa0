import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Probe, Smoothness } from './probe.ts';

const LIST = '[role="table"] [role="rowgroup"]';
const ROW = `${LIST} a[data-index]`;
const ROW_PIXELS = 44;
const EVENT = '[aria-label="Lanes of this order"] button[id^="event-"]';
const HIT = '#search-hits [role="option"]';
const LOADED_WITHIN_MS = 120_000;
/** The frame of what was found in the page is shown by then. */
const FRAME_MS = 100;

const source = readFileSync(join(import.meta.dirname, '..', 'in-page', 'probe.js'), 'utf8');

interface InPage {
  readonly probe: Probe;
}

/** A context with an empty cache. */
export async function newContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, timezoneId: 'Europe/Berlin' });
  await context.addInitScript({ content: `{ ${source} }` });
  return context;
}

/** Opens the list of orders in a new context. @returns milliseconds until its first paint, and until its first row */
export async function firstLoad(browser: Browser, url: string): Promise<{ paint: number; row: number }> {
  const context = await newContext(browser);
  const page = await context.newPage();
  await page.goto(`${url}/orders`, { waitUntil: 'commit' });
  const row = await page.evaluate(async (it) => (globalThis as unknown as InPage).probe.firstShown(it), ROW);
  await sleep(FRAME_MS);
  const paint = await page.evaluate(() => (globalThis as unknown as InPage).probe.firstPaint());
  await context.close();
  return { paint, row };
}

/** Milliseconds from an input until the frame that shows the element. @param act causes the input */
async function untilShown(page: Page, input: string, selector: string, act: () => Promise<void>): Promise<number> {
  await page.evaluate(([name, it]) => (globalThis as unknown as InPage).probe.arm(name, it), [
    input,
    selector,
  ] as const);
  await act();
  return page.evaluate(async () => (globalThis as unknown as InPage).probe.shown());
}

/** Milliseconds from a click on a row of the list until the lanes of the order are shown. */
export async function openOrder(page: Page, row: number): Promise<number> {
  const link = page.locator(`${LIST} a[data-index="${row}"]`);
  await link.waitFor();
  const ms = await untilShown(page, 'click', EVENT, async () => link.click());
  await page.goBack();
  return ms;
}

/** Milliseconds from the input of a text until a hit is shown. */
export async function find(page: Page, text: string): Promise<number> {
  const box = page.getByRole('combobox', { name: /^Find an order/ });
  const ms = await untilShown(page, 'input', HIT, async () => box.fill(text));
  await box.fill('');
  return ms;
}

async function stampNew(page: Page, selector: string, attribute: string): Promise<void> {
  await page.evaluate(([it, name]) => (globalThis as unknown as InPage).probe.stampNew(it, name), [
    selector,
    attribute,
  ] as const);
  await sleep(FRAME_MS);
}

const seenOn = async (page: Page): Promise<Record<string, number>> =>
  page.evaluate(() => (globalThis as unknown as InPage).probe.seen());

/** Those that are shown while `act` publishes, by what follows the prefix. @param last is shown at the end */
async function watch(page: Page, prefix: string, act: () => Promise<void>, last: () => string) {
  const before = new Set(Object.keys(await seenOn(page)));
  await act();
  await page.locator(last()).waitFor();
  await sleep(FRAME_MS);
  const fresh = Object.entries(await seenOn(page)).filter(([name]) => !before.has(name));
  return new Map(fresh.map(([name, at]) => [name.slice(prefix.length), at]));
}

/** Opens the page of an order, lets `act` publish, and waits for the event. @returns when each new event was shown, by id */
export async function watchOrder(
  page: Page,
  orderUrl: string,
  act: () => Promise<void>,
  lastEventId: string,
): Promise<ReadonlyMap<string, number>> {
  await page.goto(orderUrl);
  await page.locator(EVENT).first().waitFor();
  await stampNew(page, EVENT, 'id');
  return watch(page, 'event-', act, () => `#event-${lastEventId}`);
}

/** Opens the list, lets `act` publish, and waits for the last order. @returns when each new order was shown, by id */
export async function watchList(
  page: Page,
  url: string,
  act: () => Promise<void>,
  lastOrderId: () => string,
): Promise<ReadonlyMap<string, number>> {
  await page.goto(`${url}/orders`);
  await page.locator(ROW).first().waitFor();
  await stampNew(page, ROW, 'href');
  return watch(page, '/orders/', act, () => `${LIST} a[href="/orders/${lastOrderId()}"]`);
}

/** Opens the list and scrolls until it has read so many rows, then back to the first. */
export async function loadRows(page: Page, url: string, rows: number): Promise<void> {
  await page.goto(`${url}/orders`);
  await page.locator(ROW).first().waitFor();
  await page.evaluate(
    async ([list, pixels, withinMs]) => (globalThis as unknown as InPage).probe.load(list, pixels, withinMs),
    [LIST, rows * ROW_PIXELS, LOADED_WITHIN_MS] as const,
  );
}

/** Watches the list for some seconds. @param pixels that it is scrolled in each frame */
export async function watchFrames(page: Page, seconds: number, pixels: number): Promise<Smoothness> {
  return page.evaluate(
    async ([list, forMs, by]) => (globalThis as unknown as InPage).probe.watchFrames(list, forMs, by),
    [LIST, seconds * 1000, pixels] as const,
  );
}

/** MiB of JavaScript objects in the page that are in use. */
export async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1024 / 1024;
}
